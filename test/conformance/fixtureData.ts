/** What the official suite expects of the server it is pointed at, for both eras. It has no other use. */

/** One red pixel. */
export const png = 'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8DwHwAFBQIAX8jx0gAAAABJRU5ErkJggg==';

/** A WAV file without a sample. */
export const wav = 'UklGRiQAAABXQVZFZm10IBAAAAABAAEAQB8AAIA+AAACABAAZGF0YQAAAAA=';

const text = (said: string) => ({ type: 'text' as const, text: said });
const image = { type: 'image' as const, data: png, mimeType: 'image/png' };
const embedded = (uri: string, mimeType: string, content: string) => ({
  type: 'resource' as const,
  resource: { uri, mimeType, text: content },
});

/** Tools that answer the same every time, by name. */
export const plainTools = {
  test_simple_text: [text('This is a simple text response for testing.')],
  test_image_content: [image],
  test_audio_content: [{ type: 'audio' as const, data: wav, mimeType: 'audio/wav' }],
  test_embedded_resource: [embedded('test://embedded-resource', 'text/plain', 'This is an embedded resource content.')],
  test_multiple_content_types: [
    text('Multiple content types test:'),
    image,
    embedded('test://mixed-content-resource', 'application/json', JSON.stringify({ test: 'data', value: 123 })),
  ],
};

export const failure = 'This tool intentionally returns an error for testing';

/** Steps of the tool that reports progress, of 100. */
export const progressSteps = [0, 50, 100];

export const staticText = {
  uri: 'test://static-text',
  mimeType: 'text/plain',
  text: 'This is the content of the static text resource.',
};

export const staticBinary = { uri: 'test://static-binary', mimeType: 'image/png', blob: png };

export const watched = { uri: 'test://watched-resource', mimeType: 'text/plain', text: 'Watched.' };

export const template = 'test://template/{id}/data';

export function templated(uri: string, id: string): { uri: string; mimeType: string; text: string } {
  return {
    uri,
    mimeType: 'application/json',
    text: JSON.stringify({ id, templateTest: true, data: `Data for ID: ${id}` }),
  };
}

const user = <C>(content: C) => ({ role: 'user' as const, content });

export const prompts = {
  simple: () => ({ messages: [user(text('This is a simple prompt for testing.'))] }),
  withArguments: (first: string, second: string) => ({
    messages: [user(text(`Prompt with arguments: arg1='${first}', arg2='${second}'`))],
  }),
  withResource: (uri: string) => ({
    messages: [
      user(embedded(uri, 'text/plain', 'Embedded resource content for testing.')),
      user(text('Please process the embedded resource above.')),
    ],
  }),
  withImage: () => ({ messages: [user(image), user(text('Please analyze the image above.'))] }),
};

/** Completions of the first argument. */
export const cities = ['paris', 'park', 'party'];

/** What is asked of a person, by what stands for it in the stateless revisions. */
export const nameForm = {
  type: 'object' as const,
  properties: { name: { type: 'string' as const } },
  required: ['name'],
};

export const pause = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));
