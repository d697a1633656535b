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
import { keys, leader } from './contributions/keys';
import { menus } from './contributions/menus';
import { sectionOf, sections } from './contributions/sections';
import { settings, type Setting, type SettingName } from './contributions/settings';
import { views, type View } from './contributions/views';
import { walkthrough } from './contributions/walkthrough';

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
      [container.id]: Object.entries<View>(views).map(([name, { name: title, type, when, initialSize }]) => ({
        id: `parley.${name}`,
        name: say(`view.${name}`, title),
        ...(type === undefined ? {} : { type }),
        ...(when === undefined ? {} : { when }),
        ...(initialSize === undefined ? {} : { initialSize }),
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
    keybindings: keys.map(({ command, key, when }) => ({
      command: `parley.${command}`,
      key: `${leader} ${key}`,
      // On a Mac too: what stands for it there by itself is taken.
      mac: `${leader} ${key}`,
      ...(when !== '' && { when }),
    })),
    walkthroughs: [
      {
        id: walkthrough.id,
        title: say('walkthrough.title', walkthrough.title),
        description: say('walkthrough.description', walkthrough.description),
        steps: Object.entries(walkthrough.steps).map(([id, step]) => ({
          id,
          title: say(`walkthrough.${id}.title`, step.title),
          description: say(`walkthrough.${id}.text`, step.text),
          media: { svg: `media/${step.picture}`, altText: say(`walkthrough.${id}.alt`, step.alt) },
          completionEvents: [...step.done],
        })),
      },
    ],
    configuration: Object.entries(sections).map(([section, title], index) => ({
      id: `parley.${section}`,
      title: say(`section.${section}`, title),
      order: index + 1,
      properties: Object.fromEntries(
        (Object.entries(settings) as [SettingName, Setting][])
          .filter(([name]) => sectionOf[name] === section)
          .map(([name, setting], place) => [
            `parley.${name}`,
            {
              type: setting.type,
              default: setting.default,
              scope: setting.scope,
              order: place + 1,
              markdownDescription: say(`setting.${name}`, setting.description),
              ...(setting.choices === undefined
                ? {}
                : {
                    enum: Object.keys(setting.choices),
                    markdownEnumDescriptions: Object.entries(setting.choices).map(([choice, text]) =>
                      say(`setting.${name}.${choice}`, text),
                    ),
                  }),
            },
          ]),
      ),
    })),
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
