import * as vscode from 'vscode';
import type { ClientName } from '../../connect/clientNames';
import type * as Examination from '../../health/examine';
import type { Finding, Fix, Hands, Patient } from '../../health/finding';
import type { HealthRow } from './healthRows';
import type { Prompts } from '../prompts';
import type { ReadOnlyTexts } from '../thread/readOnlyTexts';
import { tongue, words } from '../words';

export interface HealthDeskOptions {
  /** What is looked at; fixes of this window are put into its hands here. */
  readonly patient: Omit<Patient, 'hands'>;
  readonly placePrograms: () => Promise<void>;
  readonly connect: (client: ClientName) => Promise<void>;
  readonly prompts: Prompts;
  readonly texts: ReadOnlyTexts;
  /** Words of the display language, for the doctor's own table. */
  readonly bundle: Readonly<Record<string, string>>;
  readonly onError: (error: unknown) => void;
}

interface Line extends vscode.QuickPickItem {
  readonly fix?: Fix;
}

/** The doctor in the editor, and the report of an issue. */
export class HealthDesk {
  readonly #options: HealthDeskOptions;

  constructor(options: HealthDeskOptions) {
    this.#options = options;
  }

  /** Shows how everything stands as a list, in which a fix is one click away. Resolves when the list is closed. */
  async doctor(): Promise<void> {
    let fix = await this.#list();
    while (fix) {
      try {
        if (fix.asks === undefined || (await this.#isSure(fix))) await this.#run(fix);
      } catch (error) {
        // Told, and the list comes back: it says how things stand now.
        this.#options.onError(error);
      }
      fix = await this.#list();
    }
  }

  /** Shows what would be told, and hands it on only by the person's word. */
  async reportIssue(): Promise<void> {
    const { examine } = await this.#health();
    const { issueReport } = await import('../../health/report');
    const findings = await this.#watched(words.doctor.looking, () => examine(this.#patient()));
    const text = issueReport(this.#patient(), findings, around());
    const { texts, prompts } = this.#options;
    await vscode.window.showTextDocument(texts.keep('/parley-issue.md', text), { preview: true });
    const choice = await prompts.chooseWhileReading(words.doctor.sendThis, [
      { label: words.doctor.openReporter, detail: words.doctor.openReporterDetail, value: 'open' as const },
      { label: words.doctor.copy, detail: words.doctor.copyDetail, value: 'copy' as const },
      { label: words.doctor.sendNothing, value: 'nothing' as const },
    ]);
    if (choice === 'copy') await copyReport(text, words.doctor.copied);
    if (choice !== 'open') return;
    const issue = { extensionId: 'parley.parley', issueBody: text };
    try {
      await vscode.commands.executeCommand('workbench.action.openIssueReporter', issue);
    } catch {
      // In a browser the editor has no form of its own, and goes to the address in the manifest, which may not have one.
      await copyReport(text, words.doctor.noReporter);
    }
  }

  #isSure({ title, asks = '' }: Fix): Promise<boolean> {
    return this.#options.prompts.sure(words.doctor.sure(title), { detail: asks, yes: title });
  }

  /** A fix that asks by itself must not be hidden behind a progress that waits for it. */
  async #run({ name, title, run }: Fix): Promise<void> {
    if (name === 'connectClient') await run();
    else await this.#watched(title, run);
  }

  #watched<T>(title: string, work: () => Promise<T>): Promise<T> {
    const options = { location: vscode.ProgressLocation.Notification, title };
    return Promise.resolve(vscode.window.withProgress(options, work));
  }

  /** Evaluated only here: no window needs it to start. */
  async #health(): Promise<Pick<typeof Examination, 'examine'>> {
    const { tongue: healthTongue } = await import('../../health/words');
    healthTongue.speak(tongue.language, this.#options.bundle);
    return import('../../health/examine');
  }

  #patient(): Patient {
    const { patient, placePrograms, connect } = this.#options;
    const hands: Hands = { placePrograms, connectClient: connect };
    return { ...patient, hands };
  }

  /** The list; resolves with the fix that was chosen, or with nothing when it was closed. */
  async #list(): Promise<Fix | undefined> {
    const { examine } = await this.#health();
    const { healthRows, healthPage, verdict } = await import('./healthRows');
    const pick = vscode.window.createQuickPick<Line>();
    const [again, page, report] = [
      { iconPath: new vscode.ThemeIcon('refresh'), tooltip: words.doctor.again },
      { iconPath: new vscode.ThemeIcon('book'), tooltip: words.doctor.asPage },
      { iconPath: new vscode.ThemeIcon('bug'), tooltip: words.doctor.report },
    ];
    pick.title = words.doctor.title;
    pick.buttons = [again, page, report];
    pick.matchOnDescription = true;
    pick.matchOnDetail = true;
    pick.ignoreFocusOut = true;
    let findings: readonly Finding[] = [];
    let isOpen = true;
    const look = async (): Promise<void> => {
      const found: Finding[] = [];
      pick.busy = true;
      pick.placeholder = words.doctor.looking;
      const told = (finding: Finding): void => {
        found.push(finding);
        if (isOpen) pick.items = healthRows(found).map(lineOf);
      };
      findings = await examine(this.#patient(), told);
      if (!isOpen) return;
      pick.busy = false;
      pick.placeholder = verdict(findings);
    };
    pick.show();
    let looking = look().catch(this.#options.onError);
    const showPage = (): void => {
      pick.hide();
      const uri = this.#options.texts.keep('/parley-doctor.md', healthPage(findings));
      void vscode.commands.executeCommand('markdown.showPreview', uri);
    };
    return new Promise((resolve) => {
      const end = (fix?: Fix): void => {
        isOpen = false;
        // Before the list goes, which says at once that it is hidden.
        resolve(fix);
        pick.dispose();
      };
      pick.onDidHide(() => end());
      pick.onDidAccept(() => {
        const fix = pick.selectedItems[0]?.fix;
        if (fix) end(fix);
      });
      pick.onDidTriggerItemButton(({ item }) => end(item.fix));
      pick.onDidTriggerButton((button) => {
        if (button === again) looking = look().catch(this.#options.onError);
        if (button === report) {
          end();
          void this.reportIssue().catch(this.#options.onError);
        }
        if (button === page) void looking.then(() => showPage());
      });
    });
  }
}

async function copyReport(text: string, told: string): Promise<void> {
  await vscode.env.clipboard.writeText(text);
  void vscode.window.showInformationMessage(told);
}

function lineOf(row: HealthRow): Line {
  if (row.kind === 'heading') return { label: row.label, kind: vscode.QuickPickItemKind.Separator };
  const { label, description, detail, fix } = row;
  return {
    label,
    description,
    ...(detail !== undefined && { detail }),
    ...(fix && { fix, buttons: [{ iconPath: new vscode.ThemeIcon('wrench'), tooltip: fix.title }] }),
  };
}

/** What the report says of the editor: its name, its version and where it runs, and nothing of what is open in it. */
function around(): Record<string, string> {
  const { appName, appHost, remoteName, uiKind } = vscode.env;
  const kind = uiKind === vscode.UIKind.Web ? 'web' : 'desktop';
  // A remote's name is a kind, e.g. `ssh-remote`; code-server's is an address.
  const remote =
    remoteName !== undefined && /^[a-z-]{1,40}$/.test(remoteName) ? remoteName : String(remoteName !== undefined);
  return { Editor: `${appName} ${vscode.version}, ${kind}, host ${appHost}, remote ${remote}` };
}
