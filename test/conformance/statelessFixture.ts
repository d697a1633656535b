import {
  acceptedContent,
  completable,
  createRequestStateCodec,
  inputRequired,
  inputResponse,
  McpServer,
  ResourceTemplate,
  type CallToolResult,
  type InputRequest,
  type InputRequiredResult,
  type ServerContext,
  type ServerEventBus,
} from '@modelcontextprotocol/server';
import * as z from 'zod';
import {
  cities,
  failure,
  nameForm,
  pause,
  plainTools,
  progressSteps,
  prompts,
  staticBinary,
  staticText,
  template,
  templated,
  watched,
} from './fixtureData';

/** Seals what a tool has to remember between two rounds. */
const codec = createRequestStateCodec<string>({ key: 'a key of 32 bytes for the fixtures', ttlSeconds: 600 });

/** The server that the suite wants to find behind one request of 2026-07-28. */
export function statelessFixture(changes: ServerEventBus): McpServer {
  const listChanged = { listChanged: true };
  const server = new McpServer(
    { name: 'fixture', version: '1' },
    {
      capabilities: { tools: listChanged, prompts: listChanged, resources: { subscribe: true }, logging: {} },
      requestState: { verify: (state, context) => codec.verify(state, context) },
    },
  );
  offerTools(server, changes);
  offerQuestions(server);
  offerResources(server);
  offerPrompts(server);
  return server;
}

function offerTools(server: McpServer, changes: ServerEventBus): void {
  for (const [name, content] of Object.entries(plainTools)) {
    server.registerTool(name, { description: `Answers the same every time: ${name}.` }, () => ({ content }));
  }
  server.registerTool('test_error_handling', { description: 'Always fails.' }, () => {
    throw new Error(failure);
  });
  server.registerTool('test_tool_with_progress', { description: 'Reports progress.' }, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken;
    for (const progress of progressSteps) {
      if (progressToken !== undefined) {
        const params = { progressToken, progress, total: 100 };
        await mcpReq.notify({ method: 'notifications/progress', params });
      }
      await pause(50);
    }
    return said('Done.');
  });
  server.registerTool('test_logging_tool', { description: 'Logs, if the client wants it.' }, async ({ mcpReq }) => {
    await mcpReq.log('info', 'Logged.');
    return said('Logged.');
  });
  // The SDK refuses to ask what the client has not said that it can answer.
  server.registerTool('test_missing_capability', { description: 'Needs sampling.' }, () =>
    inputRequired({ inputRequests: { question: askModel('What is the capital of France?', 100) } }),
  );
  server.registerTool('test_streaming_elicitation', { description: 'Reports, then asks.' }, async ({ mcpReq }) => {
    const progressToken = mcpReq._meta?.progressToken ?? 'none';
    await mcpReq.notify({ method: 'notifications/progress', params: { progressToken, progress: 1, total: 2 } });
    return inputRequired({ inputRequests: { user_name: askName('What is your name?') } });
  });
  server.registerTool('test_trigger_tool_change', { description: 'Tells that the tools changed.' }, () => {
    changes.publish({ kind: 'tools_list_changed' });
    return said('Told.');
  });
  server.registerTool('test_trigger_prompt_change', { description: 'Tells that the prompts changed.' }, () => {
    changes.publish({ kind: 'prompts_list_changed' });
    return said('Told.');
  });
}

/** Tools that answer with questions, and go on when the client brings the answers. */
function offerQuestions(server: McpServer): void {
  const offer = (
    name: string,
    answer: (context: ServerContext) => Promise<CallToolResult | InputRequiredResult>,
  ): void => void server.registerTool(`test_input_required_result_${name}`, { description: `Asks: ${name}.` }, answer);

  offer('elicitation', async ({ mcpReq }) => {
    const { name } = acceptedContent(mcpReq.inputResponses, 'user_name', z.object({ name: z.string() })) ?? {};
    return name === undefined
      ? inputRequired({ inputRequests: { user_name: askName('What is your name?') } })
      : said(`Hello, ${name}!`);
  });
  offer('sampling', async ({ mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'capital_question');
    return answer.kind === 'sampling'
      ? said(JSON.stringify(answer))
      : inputRequired({ inputRequests: { capital_question: askModel('What is the capital of France?', 100) } });
  });
  offer('list_roots', async ({ mcpReq }) => {
    const answer = inputResponse(mcpReq.inputResponses, 'client_roots');
    return answer.kind === 'roots'
      ? said(JSON.stringify(answer))
      : inputRequired({ inputRequests: { client_roots: inputRequired.listRoots() } });
  });
  for (const name of ['request_state', 'tampered_state']) {
    offer(name, async (context) => {
      const { mcpReq } = context;
      const { ok } = acceptedContent(mcpReq.inputResponses, 'confirm', z.object({ ok: z.boolean() })) ?? {};
      if (ok !== undefined && mcpReq.requestState<string>() === name) return said('state-ok');
      const form = { type: 'object' as const, properties: { ok: { type: 'boolean' as const } }, required: ['ok'] };
      const confirm = inputRequired.elicit({ message: 'Please confirm', requestedSchema: form });
      return inputRequired({ inputRequests: { confirm }, requestState: await codec.mint(name, context) });
    });
  }
  offer('multiple_inputs', async (context) => {
    const { inputResponses } = context.mcpReq;
    const asked = {
      user_name: askName('What is your name?'),
      greeting: askModel('Generate a greeting', 50),
      client_roots: inputRequired.listRoots(),
    };
    const isComplete = Object.keys(asked).every((key) => inputResponses?.[key] !== undefined);
    if (isComplete) return said('All three were answered.');
    return inputRequired({ inputRequests: asked, requestState: await codec.mint('multiple', context) });
  });
  offer('multi_round', async (context) => {
    const { mcpReq } = context;
    const round = mcpReq.requestState<string>();
    const has = (key: string): boolean => mcpReq.inputResponses?.[key] !== undefined;
    if (round === 'two' && has('step2')) return said('Both steps are done.');
    if (round === 'one' && has('step1')) {
      const requestedSchema = {
        type: 'object' as const,
        properties: { color: { type: 'string' as const } },
        required: ['color'],
      };
      const step2 = inputRequired.elicit({ message: 'Step 2: What is your favorite color?', requestedSchema });
      return inputRequired({ inputRequests: { step2 }, requestState: await codec.mint('two', context) });
    }
    const step1 = askName('Step 1: What is your name?');
    return inputRequired({ inputRequests: { step1 }, requestState: await codec.mint('one', context) });
  });
  offer('capabilities', async (context) => {
    const { sampling, elicitation } = capabilitiesOf(context);
    const inputRequests: Record<string, InputRequest> = {};
    if (sampling) inputRequests['question'] = askModel('What is the capital of France?', 100);
    if (elicitation) inputRequests['user_name'] = askName('What is your name?');
    return Object.keys(inputRequests).length === 0 ? said('You can do neither.') : inputRequired({ inputRequests });
  });
}

function offerResources(server: McpServer): void {
  for (const content of [staticText, staticBinary, watched]) {
    const { uri, mimeType } = content;
    const name = uri.slice('test://'.length);
    server.registerResource(name, uri, { description: `The resource ${name}.`, mimeType }, () => ({
      contents: [content],
    }));
  }
  const facts = { description: 'One by id.', mimeType: 'application/json' };
  server.registerResource(
    'template',
    new ResourceTemplate(template, { list: undefined }),
    facts,
    ({ href }, { id }) => ({
      contents: [templated(href, String(id))],
    }),
  );
}

function offerPrompts(server: McpServer): void {
  server.registerPrompt('test_simple_prompt', { description: 'Without arguments.' }, () => prompts.simple());
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'With two arguments.',
      argsSchema: z.object({
        arg1: completable(z.string(), (typed) => cities.filter((city) => city.startsWith(typed))),
        arg2: z.string(),
      }),
    },
    ({ arg1, arg2 }) => prompts.withArguments(arg1, arg2),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'With a resource.', argsSchema: z.object({ resourceUri: z.string() }) },
    ({ resourceUri }) => prompts.withResource(resourceUri),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'With an image.' }, () => prompts.withImage());
  server.registerPrompt('test_input_required_result_prompt', { description: 'Asks first.' }, ({ mcpReq }) => {
    const schema = z.object({ context: z.string() });
    const { context } = acceptedContent(mcpReq.inputResponses, 'user_context', schema) ?? {};
    if (context !== undefined)
      return { messages: [{ role: 'user' as const, content: { type: 'text' as const, text: context } }] };
    const requestedSchema = {
      type: 'object' as const,
      properties: { context: { type: 'string' as const } },
      required: ['context'],
    };
    const message = 'What context should the prompt use?';
    return inputRequired({ inputRequests: { user_context: inputRequired.elicit({ message, requestedSchema }) } });
  });
}

const askName = (message: string): InputRequest => inputRequired.elicit({ message, requestedSchema: nameForm });

const askModel = (text: string, maxTokens: number): InputRequest =>
  inputRequired.createMessage({ messages: [{ role: 'user', content: { type: 'text', text } }], maxTokens });

/** What the client says in this very request that it can do. */
function capabilitiesOf({ mcpReq }: Pick<ServerContext, 'mcpReq'>): { sampling?: unknown; elicitation?: unknown } {
  const envelope = mcpReq.envelope as Readonly<Record<string, unknown>> | undefined;
  return envelope?.['io.modelcontextprotocol/clientCapabilities'] ?? {};
}

const said = (text: string): CallToolResult => ({ content: [{ type: 'text', text }] });
