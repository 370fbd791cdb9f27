/** The state of a job as icon and word; a hue only where it says something. */
import { IconAlertCircle, IconCheck, IconCircleDashed, IconLoader2, IconPlayerPlay, IconPlayerStop, IconRefresh } from '@tabler/icons-react';
import { useTranslation } from 'react-i18next';
import type { JobState } from '@tidemark/protocol';

type Shown = JobState | 'DRAFT';
const ICONS = {
  DRAFT: IconCircleDashed, CREATED: IconLoader2, INITIALIZING: IconLoader2, RUNNING: IconPlayerPlay, RESTARTING: IconRefresh, FINISHED: IconCheck,
  CANCELLING: IconLoader2, CANCELED: IconPlayerStop, FAILED: IconAlertCircle,
} as const;
const HUES: Readonly<Partial<Record<Shown, 'blue' | 'green' | 'amber' | 'red'>>> = { RUNNING: 'green', RESTARTING: 'amber', FAILED: 'red', CREATED: 'blue', INITIALIZING: 'blue' };
const EXCEPTIONS: ReadonlySet<Shown> = new Set(['RESTARTING', 'FAILED']);

/** `quiet`: in a table, where only the exception is coloured. */
export function JobStateChip({ state, quiet = false }: { readonly state: Shown; readonly quiet?: boolean }) {
  const { t } = useTranslation();
  const Icon = ICONS[state];
  const hue = quiet && !EXCEPTIONS.has(state) ? undefined : HUES[state];
  return <span className="tm-state" data-hue={hue} data-bare={quiet && hue === undefined}><Icon aria-hidden stroke={1.9} />{t(`jobs.state.${state}`)}</span>;
}
