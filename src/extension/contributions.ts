/**
 * What Parley adds to the editor: tables of commands, views, settings and menus (in contributions/). `package.json`
 * (`contributes`) and `package.nls.json` are written from them by `npm run contributions`, and a test fails when they
 * differ.
 *
 * This file and the tables MUST import nothing else: the script that writes the manifest bundles them alone.
 */
import { capabilities } from './contributions/capabilities';
import { commands, type Command } from './contributions/commands';
import { container, mcpProvider } from './contributions/ids';
import { menus } from './contributions/menus';
import { settings, type Setting } from './contributions/settings';
import { views, type View } from './contributions/views';

export * from './contributions/capabilities';
export * from './contributions/commands';
export * from './contributions/ids';
export * from './contributions/menus';
export * from './contributions/settings';
export * from './contributions/views';

export interface Manifest {
  readonly contributes: object;
  readonly capabilities: object;
  /** `package.nls.json`: every string of the manifest that a person reads, by key. */
  readonly strings: Readonly<Record<string, string>>;
}

/** The manifest's part that follows from this table. */
export function manifest(): Manifest {
  const strings: Record<string, string> = {};
  const say = (key: string, text: string): string => {
    strings[key] = text;
    return `%${key}%`;
  };
  const contributes = {
    commands: Object.entries<Command>(commands).map(([name, { title, icon }]) => ({
      command: `parley.${name}`,
      title: say(`command.${name}`, title),
      category: 'Parley',
      ...(icon === undefined ? {} : { icon }),
    })),
    viewsContainers: { activitybar: [{ ...container }] },
    views: {
      [container.id]: Object.entries<View>(views).map(([name, { name: title, type, visibility }]) => ({
        id: `parley.${name}`,
        name: say(`view.${name}`, title),
        ...(type === undefined ? {} : { type }),
        ...(visibility === undefined ? {} : { visibility }),
        contextualTitle: container.title,
        icon: container.icon,
      })),
    },
    viewsWelcome: Object.entries<View>(views).flatMap(([name, { welcome }]) =>
      welcome.map(({ text, when }, index) => ({
        view: `parley.${name}`,
        contents: say(`welcome.${name}.${index}`, text),
        when,
      })),
    ),
    menus: {
      commandPalette: Object.entries<Command>(commands).flatMap(([name, { palette }]) =>
        palette === undefined ? [] : [{ command: `parley.${name}`, when: palette }],
      ),
      ...Object.fromEntries(
        Object.entries(menus).map(([place, items]) => [
          place,
          items.map((item) => ({ ...item, command: `parley.${item.command}` })),
        ]),
      ),
    },
    configuration: {
      title: 'Parley',
      properties: Object.fromEntries(
        Object.entries<Setting>(settings).map(([name, setting]) => [
          `parley.${name}`,
          {
            type: setting.type,
            default: setting.default,
            scope: setting.scope,
            markdownDescription: say(`setting.${name}`, setting.description),
            ...(setting.choices === undefined
              ? {}
              : {
                  enum: Object.keys(setting.choices),
                  enumDescriptions: Object.entries(setting.choices).map(([choice, text]) =>
                    say(`setting.${name}.${choice}`, text),
                  ),
                }),
          },
        ]),
      ),
    },
    mcpServerDefinitionProviders: [{ ...mcpProvider }],
  };
  return {
    contributes,
    capabilities: {
      untrustedWorkspaces: {
        ...capabilities.untrustedWorkspaces,
        description: say('capability.untrusted', capabilities.untrustedWorkspaces.description),
      },
      virtualWorkspaces: {
        ...capabilities.virtualWorkspaces,
        description: say('capability.virtual', capabilities.virtualWorkspaces.description),
      },
    },
    strings,
  };
}
