import { checks, isHealthy } from '../../health/examine';
import { groups, type Finding, type Fix, type Health } from '../../health/finding';
import { words as healthWords } from '../../health/words';
import { plain } from '../plain';
import { joined } from '../trees/row';
import { words } from '../words';

/** A line of the doctor's list: a heading, or one finding. */
export type HealthRow =
  | { readonly kind: 'heading'; readonly label: string }
  | {
      readonly kind: 'finding';
      readonly label: string;
      readonly description: string;
      readonly detail?: string;
      readonly fix?: Fix;
    };

const icons: Readonly<Record<Health, string>> = { fail: 'error', warn: 'warning', ok: 'pass', none: 'circle-slash' };

/** What needs a look first, then everything by what it belongs to. */
export function healthRows(findings: readonly Finding[]): HealthRow[] {
  const bad = findings.filter(({ state }) => state === 'fail' || state === 'warn');
  const rest = findings.filter((finding) => !bad.includes(finding));
  const parts = groups.map((group) => ({
    label: healthWords.group[group],
    findings: rest.filter((finding) => finding.group === group),
  }));
  return [{ label: words.doctor.attention, findings: bad }, ...parts].flatMap(({ label, findings: own }) =>
    own.length === 0 ? [] : [{ kind: 'heading' as const, label }, ...own.map(rowOf)],
  );
}

export function titleOf(check: string): string {
  return checks.find(({ id }) => id === check)?.title() ?? check;
}

function rowOf({ check, state, found, todo, fix }: Finding): HealthRow {
  const detail = joined(' · ', fix && `$(wrench) ${fix.title}`, plain.label(todo, 300));
  return {
    kind: 'finding',
    label: `$(${icons[state]}) ${titleOf(check)}`,
    description: plain.label(found, 300),
    ...(detail !== '' && { detail }),
    ...(fix && { fix }),
  };
}

/** All of it in a sentence. */
export function verdict(findings: readonly Finding[]): string {
  if (!isHealthy(findings)) return words.doctor.unhealthy;
  return findings.some(({ state }) => state === 'warn') ? words.doctor.fair : words.doctor.healthy;
}

/** The same as a page of Markdown. */
export function healthPage(findings: readonly Finding[]): string {
  const marks: Readonly<Record<Health, string>> = { fail: '✗', warn: '⚠', ok: '✓', none: '–' };
  const sections = groups.map((group) => {
    const own = findings.filter((finding) => finding.group === group);
    const rows = own.map(
      ({ check, state, found, todo }) =>
        `| ${marks[state]} | ${titleOf(check)} | ${plain.tooltip(found)} | ${plain.tooltip(todo)} |`,
    );
    const [what, isSeen, toDo] = [words.doctor.check, words.doctor.found, words.doctor.toDo];
    return [
      `## ${healthWords.group[group]}`,
      '',
      `| | ${what} | ${isSeen} | ${toDo} |`,
      '|---|---|---|---|',
      ...rows,
      '',
    ];
  });
  return [`# ${words.doctor.title}`, '', verdict(findings), '', ...sections.flat()].join('\n');
}
