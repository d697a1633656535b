import * as vscode from 'vscode';
import { toParleyError, type ErrorCode } from '../contract/errors';
import { failureText } from './errorWords';
import { commandLink } from './window/links';
import { plain } from './plain';
import { words } from './words';

/** What to offer with an error, besides its own words. */
const remedies: Partial<Readonly<Record<ErrorCode, keyof typeof words.remedies>>> = {
  broker_gone: 'startBroker',
  broker_hangs: 'showLog',
  broker_start_failed: 'showLog',
  internal: 'showLog',
};

/** Tells the person what went wrong with something that they asked for. */
export function showFailure(error: unknown, log: vscode.LogOutputChannel): void {
  const failure = toParleyError(error);
  log.error(failure.code, failure.cause instanceof Error ? failure.cause : failure.message);
  const remedy = remedies[failure.code];
  const link = remedy === undefined ? '' : `  ${commandLink(words.remedies[remedy], remedy, {})}`;
  void vscode.window.showErrorMessage(`${plain.toast(failureText(failure), 600)}${link}`);
}
