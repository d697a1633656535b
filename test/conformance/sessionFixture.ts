import { completable } from '@modelcontextprotocol/sdk/server/completable.js';
import { McpServer, ResourceTemplate } from '@modelcontextprotocol/sdk/server/mcp.js';
import {
  CreateMessageResultSchema,
  ElicitResultSchema,
  SubscribeRequestSchema,
  UnsubscribeRequestSchema,
  type ElicitRequestFormParams,
} from '@modelcontextprotocol/sdk/types.js';
import * as z from 'zod';
import type { SessionServer } from '../../src/doors/mcp/servers';
import {
  cities,
  failure,
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

/** The server that the suite wants to find behind a session (2025-11-25). */
export function sessionFixture(): SessionServer {
  const server = new McpServer(
    { name: 'fixture', version: '1' },
    { capabilities: { logging: {}, resources: { subscribe: true, listChanged: true } } },
  );
  offerTools(server);
  offerQuestions(server);
  offerResources(server);
  offerPrompts(server);
  return server;
}

function offerTools(server: McpServer): void {
  for (const [name, content] of Object.entries(plainTools)) {
    server.registerTool(name, { description: `Answers the same every time: ${name}.` }, () => ({ content }));
  }
  server.registerTool('test_error_handling', { description: 'Always fails.' }, () => {
    throw new Error(failure);
  });
  server.registerTool('test_tool_with_logging', { description: 'Logs three times.' }, async (extra) => {
    for (const data of ['Tool execution started', 'Tool processing data', 'Tool execution completed']) {
      await extra.sendNotification({ method: 'notifications/message', params: { level: 'info', data } });
      await pause(50);
    }
    return said('Logged three times.');
  });
  server.registerTool('test_tool_with_progress', { description: 'Reports progress.' }, async (extra) => {
    const progressToken = extra._meta?.progressToken;
    for (const progress of progressSteps) {
      if (progressToken !== undefined) {
        const params = { progressToken, progress, total: 100 };
        await extra.sendNotification({ method: 'notifications/progress', params });
      }
      await pause(50);
    }
    return said('Done.');
  });
}

/** Tools that ask the client for something in the middle of the call. */
function offerQuestions(server: McpServer): void {
  const prompt = { prompt: z.string() };
  server.registerTool('test_sampling', { description: 'Asks the model.', inputSchema: prompt }, async (args, extra) => {
    const content = { type: 'text' as const, text: args.prompt };
    const params = { messages: [{ role: 'user' as const, content }], maxTokens: 100 };
    const answer = await extra.sendRequest({ method: 'sampling/createMessage', params }, CreateMessageResultSchema);
    return said(`LLM response: ${'text' in answer.content ? answer.content.text : ''}`);
  });
  const message = { message: z.string() };
  server.registerTool('test_elicitation', { description: 'Asks.', inputSchema: message }, async (args, extra) => {
    const requestedSchema: ElicitRequestFormParams['requestedSchema'] = {
      type: 'object',
      properties: {
        username: { type: 'string', description: "User's response" },
        email: { type: 'string', description: "User's email address" },
      },
      required: ['username', 'email'],
    };
    const params = { message: args.message, requestedSchema };
    const { action, content } = await extra.sendRequest({ method: 'elicitation/create', params }, ElicitResultSchema);
    return said(`User response: ${JSON.stringify({ action, content })}`);
  });
  for (const [name, properties] of Object.entries(forms)) {
    server.registerTool(name, { description: 'Asks with a form.' }, async (extra) => {
      const params = { message: 'Please fill this in.', requestedSchema: { type: 'object' as const, properties } };
      const { action, content } = await extra.sendRequest({ method: 'elicitation/create', params }, ElicitResultSchema);
      return said(`Elicitation completed: action=${action}, content=${JSON.stringify(content)}`);
    });
  }
}

const options = ['option1', 'option2', 'option3'];
const titled = (noun: string) =>
  ['First', 'Second', 'Third'].map((order, index) => ({ const: `value${index + 1}`, title: `${order} ${noun}` }));

const forms: Readonly<Record<string, ElicitRequestFormParams['requestedSchema']['properties']>> = {
  test_elicitation_sep1034_defaults: {
    name: { type: 'string', default: 'John Doe' },
    age: { type: 'integer', default: 30 },
    score: { type: 'number', default: 95.5 },
    status: { type: 'string', enum: ['active', 'inactive', 'pending'], default: 'active' },
    verified: { type: 'boolean', default: true },
  },
  test_elicitation_sep1330_enums: {
    untitledSingle: { type: 'string', enum: options },
    titledSingle: { type: 'string', oneOf: titled('Option') },
    legacyEnum: {
      type: 'string',
      enum: ['opt1', 'opt2', 'opt3'],
      enumNames: ['Option One', 'Option Two', 'Option Three'],
    },
    untitledMulti: { type: 'array', items: { type: 'string', enum: options } },
    titledMulti: { type: 'array', items: { anyOf: titled('Choice') } },
  },
};

function offerResources(server: McpServer): void {
  for (const content of [staticText, staticBinary, watched]) {
    const { uri, mimeType } = content;
    const name = uri.slice('test://'.length);
    server.registerResource(name, uri, { description: `The resource ${name}.`, mimeType }, () => ({
      contents: [content],
    }));
  }
  const list = { list: undefined };
  const facts = { description: 'One by id.', mimeType: 'application/json' };
  server.registerResource('template', new ResourceTemplate(template, list), facts, ({ href }, { id }) => ({
    contents: [templated(href, String(id))],
  }));
  const subscribed = new Set<string>();
  server.server.setRequestHandler(SubscribeRequestSchema, ({ params }) => {
    subscribed.add(params.uri);
    return {};
  });
  server.server.setRequestHandler(UnsubscribeRequestSchema, ({ params }) => {
    subscribed.delete(params.uri);
    return {};
  });
}

function offerPrompts(server: McpServer): void {
  const simple = { description: 'Without arguments.' };
  server.registerPrompt('test_simple_prompt', simple, () => prompts.simple());
  server.registerPrompt(
    'test_prompt_with_arguments',
    {
      description: 'With two arguments.',
      argsSchema: {
        arg1: completable(z.string(), (typed) => cities.filter((city) => city.startsWith(typed))),
        arg2: z.string(),
      },
    },
    ({ arg1, arg2 }) => prompts.withArguments(arg1, arg2),
  );
  server.registerPrompt(
    'test_prompt_with_embedded_resource',
    { description: 'With a resource.', argsSchema: { resourceUri: z.string() } },
    ({ resourceUri }) => prompts.withResource(resourceUri),
  );
  server.registerPrompt('test_prompt_with_image', { description: 'With an image.' }, () => prompts.withImage());
}

const said = (text: string) => ({ content: [{ type: 'text' as const, text }] });
