import { toParleyError } from '../contract/errors';
import { agentChecks } from './agentChecks';
import { brokerChecks } from './brokerChecks';
import { clientChecks } from './clientChecks';
import { fail, type Check, type Finding, type Patient } from './finding';
import { homeChecks } from './homeChecks';

/** Everything that the doctor looks at, in its order: what others stand on comes first. */
export const checks: readonly Check[] = [...homeChecks, ...brokerChecks, ...agentChecks, ...clientChecks];

/**
 * Looks at everything, one thing after the other; works with the broker down, and starts none.
 * @param onFinding told of each as it is made
 */
export async function examine(
  patient: Patient,
  onFinding: (finding: Finding) => void = () => undefined,
  table: readonly Check[] = checks,
): Promise<Finding[]> {
  const findings: Finding[] = [];
  for (const { id, group, look } of table) {
    let seen;
    try {
      seen = await look(patient);
    } catch (error) {
      // What a check did not expect is a finding too.
      const { code, message } = toParleyError(error);
      seen = fail(code, message);
    }
    const finding = { check: id, group, ...seen };
    findings.push(finding);
    onFinding(finding);
  }
  return findings;
}

/** Whether nothing is broken. */
export function isHealthy(findings: readonly Finding[]): boolean {
  return findings.every(({ state }) => state !== 'fail');
}
