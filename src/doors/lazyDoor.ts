import type { IncomingMessage, ServerResponse } from 'node:http';
import { answerError } from './http';
import type { HttpDoor } from './server';

/** A door that is loaded when the first knocks: a broker that nobody reaches by it does not hold its libraries. */
export class LazyDoor implements HttpDoor {
  readonly #load: () => Promise<HttpDoor>;
  #door: Promise<HttpDoor> | undefined;

  constructor(load: () => Promise<HttpDoor>) {
    this.#load = load;
  }

  async handle(request: IncomingMessage, response: ServerResponse): Promise<void> {
    let door: HttpDoor;
    try {
      door = await (this.#door ??= this.#load());
    } catch (error) {
      answerError(response, error);
      return;
    }
    await door.handle(request, response);
  }

  async close(): Promise<void> {
    const door = await this.#door?.catch(() => undefined);
    await door?.close();
  }
}
