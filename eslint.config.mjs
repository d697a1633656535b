import path from 'node:path';
import tseslint from 'typescript-eslint';
import importX from 'eslint-plugin-import-x';
import { createTypeScriptImportResolver } from 'eslint-import-resolver-typescript';

/** Which layers each layer may import (besides itself). One table; nothing else is allowed. */
const layers = {
  core: [],
  contract: ['core'],
  store: ['core'],
  broker: ['core', 'contract', 'store'],
  operations: ['core', 'contract', 'broker'],
  shares: ['core', 'contract', 'broker'],
  transport: [],
  mcp: ['core', 'contract'],
  doors: ['core', 'contract', 'operations', 'mcp', 'transport'],
  client: ['core', 'contract', 'transport'],
  ringers: ['core', 'contract'],
  bridge: ['client', 'ringers', 'contract', 'core', 'mcp'],
  connect: ['contract', 'core'],
  nearby: ['ringers', 'contract', 'core'],
  health: ['client', 'connect', 'store', 'contract', 'core'],
  cli: ['client', 'connect', 'health', 'nearby', 'contract', 'core'],
  extension: ['client', 'connect', 'health', 'nearby', 'ringers', 'contract', 'core'],
  ui: ['contract', 'core'],
};

const src = (layer) => path.join(import.meta.dirname, 'src', layer);
const zones = [
  ...Object.entries(layers).map(([layer, allowed]) => ({
    target: src(layer),
    from: src(''),
    except: [layer, ...allowed].map((name) => `./${name}`),
    message: `${layer} may import only: ${allowed.join(', ') || 'nothing'} (see ARCHITECTURE.md)`,
  })),
];

/** Outside src/extension nobody may touch the editor; the pure layers may touch no host at all. */
const noVscode = { name: 'vscode', message: 'only src/extension imports vscode' };
const pureOnly = [
  { group: ['node:*', 'ws', 'sql.js', 'pino', 'vscode-jsonrpc*'], message: 'a pure layer has no host' },
];

/** The extension host stands still until a schema is made: the window's program takes those alone that it parses with. */
const madeWhenLoaded = 'the window takes only types from here';

export default tseslint.config(
  { ignores: ['dist', '.cache', 'test-output', '**/fixtures/**', 'node_modules'] },
  ...tseslint.configs.strictTypeChecked.map((config) => ({ ...config, files: ['src/**/*.{ts,tsx}'] })),
  {
    files: ['src/**/*.{ts,tsx}'],
    plugins: { 'import-x': importX },
    languageOptions: { parserOptions: { projectService: true, tsconfigRootDir: import.meta.dirname } },
    settings: { 'import-x/resolver-next': [createTypeScriptImportResolver({ noWarnOnMultipleProjects: true })] },
    rules: {
      'import-x/no-restricted-paths': ['error', { zones }],
      'import-x/no-default-export': 'error',
      'no-restricted-imports': ['error', { paths: [noVscode] }],
      'no-console': 'error',
      eqeqeq: 'error',
      'no-duplicate-case': 'error',
      '@typescript-eslint/consistent-type-imports': 'error',
      '@typescript-eslint/restrict-template-expressions': ['error', { allowNumber: true, allowBoolean: true }],
      '@typescript-eslint/no-confusing-void-expression': ['error', { ignoreArrowShorthand: true }],
      '@typescript-eslint/no-unnecessary-condition': ['error', { allowConstantLoopConditions: true }],
      '@typescript-eslint/switch-exhaustiveness-check': ['error', { considerDefaultExhaustiveForUnions: true }],
    },
  },
  {
    // The page's programs belong to the browser's project, not to the one that their folder is in.
    files: ['src/programs/ui.tsx', 'src/programs/highlighter.ts'],
    languageOptions: { parserOptions: { projectService: false, project: 'src/ui/tsconfig.json' } },
  },
  { files: ['src/extension/**', 'src/programs/extension*.ts'], rules: { 'no-restricted-imports': 'off' } },
  {
    files: ['src/extension/**', 'src/client/**', 'src/programs/extension*.ts'],
    rules: {
      '@typescript-eslint/no-restricted-imports': [
        'error',
        {
          patterns: [
            {
              group: ['**/contract/*iews', '**/contract/panelUpdates'],
              allowTypeImports: true,
              message: madeWhenLoaded,
            },
          ],
        },
      ],
    },
  },
  {
    files: ['src/core/**', 'src/contract/**'],
    rules: {
      'no-restricted-imports': ['error', { paths: [noVscode], patterns: pureOnly }],
      'no-restricted-globals': [
        'error',
        'process',
        'Buffer',
        'setTimeout',
        'setInterval',
        'performance',
        'window',
        'document',
      ],
      'no-restricted-properties': [
        'error',
        { object: 'Date', property: 'now', message: 'time is an argument' },
        { object: 'Math', property: 'random', message: 'randomness is an argument' },
      ],
    },
  },
);
