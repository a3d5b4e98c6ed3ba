/** Which check runs: a line that is drawn over on a terminal, nothing elsewhere. */
import type { ConformProgress } from '../../conform/index.js';
import type { Environment } from '../environment.js';

export class Progress {
  private isDrawn = false;

  constructor(private readonly environment: Pick<Environment, 'terminal' | 'complain'>) {}

  update({ done, total, check, result }: ConformProgress): void {
    const { terminal } = this.environment;
    if (terminal === undefined) return;
    if (result?.verdict === 'failed') {
      this.clear();
      this.environment.complain(`✗ ${result.id}: ${result.reason ?? ''}`);
    }
    if (check === undefined) return;
    const line = `${String(done + 1).padStart(3)}/${total}  ${check.id}  ${check.title}`;
    terminal.write(`\r\u001B[2K${line.slice(0, (terminal.columns() || 80) - 1)}`);
    this.isDrawn = true;
  }

  /** Leaves the terminal to others. */
  clear(): void {
    if (this.isDrawn) this.environment.terminal?.write('\r\u001B[2K');
    this.isDrawn = false;
  }
}
