import { connect, type Client } from '../client/client';
import type { Patient } from './finding';

/** How long a check or a fix waits for a broker that does not answer, in milliseconds. */
export const askPatience = 3000;

/** Runs `work` over a connection of the person, or of nobody, that starts no broker and is closed in the end. */
export async function talk<T>(patient: Patient, work: (client: Client) => Promise<T>): Promise<T> {
  const { home, version, clock, personToken } = patient;
  const token = personToken();
  const options = { home, client: 'parley-doctor', version, clock, patience: askPatience };
  const client = await connect({ ...options, ...(token !== undefined && { token }) });
  try {
    return await work(client);
  } finally {
    client.close();
  }
}
