// The comparisons: what each needs, and where its tables go.

import type { Stage } from '../support/stage.ts';
import { againstIrc } from './chat.ts';
import { chatFacts } from './chat-facts.ts';
import { againstSftp } from './files.ts';
import { fileFacts } from './file-facts.ts';
import type { Settings } from './settings.ts';
import { againstSsh } from './shell.ts';
import { shellFacts } from './shell-facts.ts';
import type { Comparison } from './table.ts';

export interface Contest {
  readonly needs: string;
  /** The folder of the example. */
  readonly example: string;
  /** Measures times and memory, which depend on the machine and its load. */
  readonly compare: (stage: Stage, settings: Settings) => Promise<Comparison>;
  /** Tries what both do in some cases. The outcome is the same on every machine. */
  readonly facts: (stage: Stage) => Promise<Comparison>;
}

const sshd = '/usr/sbin/sshd';

export const contests: Readonly<Record<string, Contest>> = {
  ssh: { needs: sshd, example: 'remote-shell', compare: againstSsh, facts: shellFacts },
  sftp: { needs: sshd, example: 'file-transfer', compare: againstSftp, facts: fileFacts },
  irc: { needs: '/usr/sbin/ngircd', example: 'chat', compare: againstIrc, facts: chatFacts },
};
