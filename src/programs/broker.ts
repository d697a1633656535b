import { machineClock } from '../store/clock';
import { endWith, runBroker } from './runBroker';
import { runRepair } from './runRepair';
import { compileSoon } from './tiers';

compileSoon();

// With `--repair` it mends the home instead, while no broker runs.
if (process.argv.includes('--repair')) void runRepair();
else runBroker(machineClock).catch(endWith);
