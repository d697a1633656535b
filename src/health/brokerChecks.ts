import * as fs from 'node:fs';
import * as path from 'node:path';
import * as z from 'zod';
import { isSandboxed, agentEnvironment } from '../client/agentEnvironment';
import { checkSocket, readBrokerRecord } from '../client/brokerRecord';
import { stillRuns } from '../client/processes';
import { toParleyError } from '../contract/errors';
import { homeFiles } from '../contract/home';
import type { BrokerRecord } from '../contract/wire';
import { bytesIn, sizeOf, statOf } from './files';
import { fail, none, ok, warn, type Check, type Group, type Patient, type Seen } from './finding';
import { endBroker, repairHome, restartBroker, startBroker } from './fixes';
import { talk } from './talk';
import { words } from './words';

/** An index that takes longer than this to answer warns (ms). It may have to start its worker first. */
const slowIndex = 5000;

const lockShape = z.object({ pid: z.number(), host: z.string() });
const say = words.broker;

function lock({ home }: Patient): Seen {
  let text: string;
  try {
    text = fs.readFileSync(path.join(home, homeFiles.lock), 'utf8');
  } catch {
    return ok(words.lock.free);
  }
  try {
    const { pid, host } = lockShape.parse(JSON.parse(text));
    return ok(words.lock.held(pid, host));
  } catch {
    return warn(words.lock.unreadable, words.lock.removeIt);
  }
}

/** Undefined when there is none, or it cannot be read; what is wrong with it is the matter of one check alone. */
function recordOf({ home }: Patient): BrokerRecord | undefined {
  try {
    return readBrokerRecord(home);
  } catch {
    return undefined;
  }
}

/** The record of a broker whose process is there. */
function runningRecord(patient: Patient): BrokerRecord | undefined {
  const found = recordOf(patient);
  return found && stillRuns(patient.processes, { pid: found.pid, start: found.processStart }) ? found : undefined;
}

function broker(patient: Patient): Seen {
  const found = recordOf(patient);
  const file = path.join(patient.home, homeFiles.broker);
  const start = isSandboxed(patient.env) ? undefined : startBroker(patient);
  if (!found) {
    return statOf(file) ? warn(say.notWhole(file), say.start, start) : warn(say.down, say.startsItself, start);
  }
  return runningRecord(patient)
    ? ok(say.runs(found.pid, found.version))
    : warn(say.left(found.pid), say.startsItself, start);
}

function socket(patient: Patient): Seen {
  const found = recordOf(patient);
  if (!found) return none(words.nothing);
  try {
    checkSocket(found.socket, process.getuid?.());
    return ok(found.socket);
  } catch (error) {
    return fail(found.socket, toParleyError(error).message, restartBroker(patient));
  }
}

async function answering(patient: Patient): Promise<Seen> {
  const found = recordOf(patient);
  if (!found) return none(words.nothing);
  try {
    return await talk(patient, async (client) => {
      const { version, protocol } = await client.ready();
      if (version === patient.version) return ok(say.answers(version, protocol));
      return warn(say.other(version, protocol, patient.version), say.updateOlder, restartBroker(patient));
    });
  } catch (error) {
    const known = toParleyError(error);
    const hung = runningRecord(patient);
    if (known.code === 'broker_hangs' && hung)
      return fail(say.hangs(hung.pid), known.message, endBroker(patient, hung));
    // A process that runs holds the home's lock: no other can be started beside it.
    if (known.code === 'broker_gone')
      return warn(say.silent, known.message, hung ? endBroker(patient, hung) : startBroker(patient));
    return fail(known.code, known.message);
  }
}

async function journal(patient: Patient): Promise<Seen> {
  const size = sizeOf(bytesIn(path.join(patient.home, 'journal')));
  if (!recordOf(patient) || patient.personToken() === undefined) {
    return statOf(path.join(patient.home, 'journal')) ? none(words.journal.onDisk(size)) : none(words.notAsked);
  }
  try {
    const { readOnly, repaired, offset, durability } = await talk(patient, (client) => client.ask('status', {}));
    if (readOnly !== undefined)
      return fail(words.journal.readOnly(readOnly), words.journal.repair, repairHome(patient));
    return repaired === undefined
      ? ok(words.journal.found(offset, size, durability))
      : warn(words.journal.cut(offset, size, durability, repaired), '');
  } catch (error) {
    return warn(words.journal.cannotAsk, toParleyError(error).message);
  }
}

/** Asks the index for something that it must count, so that its worker starts and reads its file. */
async function index(patient: Patient): Promise<Seen> {
  if (!recordOf(patient) || patient.personToken() === undefined) return none(words.notAsked);
  try {
    return await talk(patient, async (client) => {
      const began = performance.now();
      const { rows } = await client.ask('sql', { query: 'select count(*) from conversations' });
      const took = Math.round(performance.now() - began);
      const size = sizeOf(statOf(path.join(patient.home, 'state.db'))?.size ?? 0);
      const found = words.index.answers(Number(rows[0]?.[0] ?? 0), took, size);
      return took > slowIndex ? warn(found, words.index.slow) : ok(found);
    });
  } catch (error) {
    const { code, message } = toParleyError(error);
    if (code === 'broker_gone' || code === 'broker_hangs') return warn(words.journal.cannotAsk, message);
    return fail(code, message, repairHome(patient));
  }
}

function place({ env }: Patient): Seen {
  if (isSandboxed(env)) return warn(words.place.sandbox, words.place.outside);
  const client = agentEnvironment(env);
  return ok(client ? words.place.agent(client.platform) : words.place.plain);
}

const rows = { lock, broker, socket, answering, 'run from': place, journal, index } as const;

export const brokerChecks: readonly Check[] = Object.entries(rows).map(([id, look]) => ({
  id,
  group: (id === 'journal' || id === 'index' ? 'journal' : 'broker') satisfies Group,
  title: () => words.check[id as keyof typeof rows],
  look,
}));
