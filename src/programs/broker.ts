import { machineClock } from '../store/clock';
import { endWith, runBroker } from './runBroker';

runBroker(machineClock).catch(endWith);
