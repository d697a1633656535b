import { chromium, type Browser } from 'playwright-core';
import { equipment, provide } from './provision';

/** Flags for a headless Chromium that runs as root, without a network and without a GPU. */
const flags = [
  '--no-sandbox',
  '--disable-gpu',
  '--disable-quic',
  '--no-first-run',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-sync',
  // Windows that another one covers must go on working: tests drive two at once.
  '--disable-backgrounding-occluded-windows',
  '--disable-renderer-backgrounding',
  '--disable-background-timer-throttling',
];

/** Opens Debian's Chromium. The caller closes it. */
export async function launchChromium(): Promise<Browser> {
  await provide('chromium');
  return chromium.launch({ executablePath: equipment.chromium, args: flags });
}
