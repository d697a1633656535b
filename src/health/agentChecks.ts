import { IdentityStore } from '../client/identityStore';
import { ringers as ringerTable } from '../contract/ringers';
import type { AgentView } from '../contract/views';
import { toParleyError } from '../contract/errors';
import { none, ok, warn, type Check, type Patient, type Seen } from './finding';
import { talk } from './talk';
import { tongue, words } from './words';

/** Names that are shown; the rest is counted. */
const mostNames = 8;

function identities({ home }: Patient): Seen {
  const kept = new IdentityStore(home).list();
  const names = kept.slice(0, mostNames).map(({ name }) => name);
  if (kept.length === 0) return ok(words.identities.none);
  return ok(words.identities.kept(kept.length, `${names.join(', ')}${kept.length > mostNames ? ', …' : ''}`));
}

/** How each agent that is here can be reached, as the program that can ring it last said. */
async function ringers(patient: Patient): Promise<Seen> {
  if (patient.personToken() === undefined) return none(words.notAsked);
  let agents: readonly AgentView[];
  try {
    agents = (await talk(patient, (client) => client.ask('who', {}))).agents;
  } catch (error) {
    const { code } = toParleyError(error);
    return none(code === 'broker_gone' ? words.notAsked : code);
  }
  const here = agents.filter(({ kind, presence }) => kind === 'agent' && presence !== 'offline');
  if (here.length === 0) return none(words.ringers.nobody);
  const shown = here.slice(0, mostNames).map(reachOf);
  const found = shown.join('; ') + (here.length > mostNames ? '; …' : '');
  return here.some(({ reach }) => reach.state === 'waits-for-permission')
    ? warn(found, words.ringers.waits)
    : ok(found);
}

function reachOf({ name, reach: { state, ringer, milliseconds } }: AgentView): string {
  const reach = words.ringers.reach[state];
  if (ringer === undefined) return words.ringers.state(name, reach);
  const known = ringerTable[ringer];
  const label = known ? tongue.say(known.label) : ringer;
  if (milliseconds === undefined) return words.ringers.by(name, reach, label);
  return words.ringers.byIn(name, reach, label, Math.round(milliseconds));
}

const rows = { identities, ringers } as const;

export const agentChecks: readonly Check[] = Object.entries(rows).map(([id, look]) => ({
  id,
  group: 'agents',
  title: () => words.check[id as keyof typeof rows],
  look,
}));
