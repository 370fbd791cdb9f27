/** Jobs as a table; only what is out of order is coloured. Under 768 px the figures move below the name. */
import { ActionIcon, Menu } from '@mantine/core';
import { IconActivity, IconDots, IconDownload, IconPencil, IconPlayerStop, IconRocket, IconTrash } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { memo } from 'react';
import { useTranslation } from 'react-i18next';
import { resolveRoute } from '../../api/client.ts';
import { formatCount, formatMoment } from '../../dashboard/format.ts';
import { JobStateChip } from '../../dashboard/job-state.tsx';
import { causeText } from '../../i18n/cause-text.ts';
import { currentLanguage } from '../../i18n/index.ts';
import { type JobRow, isActive } from './job-rows.ts';

export interface JobTableProps { readonly rows: readonly JobRow[]; stop(row: JobRow): void; deployAgain(row: JobRow): void; remove(row: JobRow): void }

export const JobTable = memo(function JobTable({ rows, ...actions }: JobTableProps) {
  const { t } = useTranslation();
  return (
    <section className="tm-panel jobs-table">
      <table className="tm-table">
        <thead><tr>
          <th>{t('jobs.column.name')}</th><th>{t('jobs.column.state')}</th><th className="jobs-wide">{t('jobs.column.version')}</th>
          <th className="tm-num jobs-wide">{t('jobs.column.events')}</th><th className="tm-num jobs-wide">{t('jobs.column.matches')}</th>
          <th className="tm-num jobs-wide">{t('jobs.column.restarts')}</th><th className="tm-num jobs-wide">{t('jobs.column.checkpoint')}</th><th><span className="tm-sr">{t('jobs.column.actions')}</span></th>
        </tr></thead>
        <tbody>{rows.map((row) => <Row key={row.projectId} row={row} {...actions} />)}</tbody>
      </table>
    </section>
  );
});

function Row({ row, stop, deployAgain, remove }: Omit<JobTableProps, 'rows'> & { readonly row: JobRow }) {
  const { t } = useTranslation();
  const { projectId, jobId, name, state, version, events, matches, restarts, lastCheckpoint, cause, stages } = row;
  const figure = (value: number | null): string => (value === null ? '–' : formatCount(value));
  const words = cause === null ? null : causeText(cause, currentLanguage());
  const active = isActive(state);
  return (
    <tr data-project={projectId} data-tone={row.tone}>
      <td className="jobs-name">
        <Link className="tm-b" to={jobId === null ? '/projects/$projectId/design' : '/projects/$projectId/live'} params={{ projectId }}>{name}</Link>
        <span className="jobs-sub tm-t12 tm-mute">{[t('jobs.stages', { count: stages }), jobId === null ? t('jobs.row.notDeployed') : null, formatMoment(row.updatedAt, Date.now(), currentLanguage())].filter(Boolean).join(' · ')}</span>
        {words !== null && (row.tone === 'danger' || row.tone === 'warning') && <span className="jobs-cause tm-t12">{words.message}{words.remedy !== null && <span className="tm-dim"> {words.remedy}</span>}</span>}
        {jobId !== null && <span className="jobs-narrow tm-t12 tm-dim">{t('jobs.row.version', { n: version ?? 0 })} · {t('jobs.row.events', { n: figure(events) })} · {t('jobs.row.matches', { count: matches ?? 0, n: figure(matches) })}{(restarts ?? 0) > 0 && ` · ${t('jobs.row.restarts', { count: restarts ?? 0 })}`}</span>}
      </td>
      <td><JobStateChip state={state} quiet /></td>
      <td className="tm-dim jobs-wide">{version === null ? '–' : t('jobs.row.version', { n: version })}</td>
      <td className="tm-num tm-mono jobs-wide">{figure(events)}</td>
      <td className="tm-num tm-mono jobs-wide">{figure(matches)}</td>
      <td className="tm-num tm-mono jobs-wide">{figure(restarts)}</td>
      <td className="tm-num tm-mono jobs-wide">{figure(lastCheckpoint)}</td>
      <td className="tm-num">
        <Menu position="bottom-end">
          <Menu.Target><ActionIcon aria-label={t('jobs.action.menu', { name })}><IconDots size={16} /></ActionIcon></Menu.Target>
          <Menu.Dropdown>
            {jobId !== null && <Menu.Item leftSection={<IconActivity size={14} />} component={Link} to={`/projects/${projectId}/live`}>{t('jobs.action.openLive')}</Menu.Item>}
            <Menu.Item leftSection={<IconPencil size={14} />} component={Link} to={`/projects/${projectId}/design`}>{t('jobs.action.openDesign')}</Menu.Item>
            {jobId !== null && <Menu.Item leftSection={<IconDownload size={14} />} component="a" href={resolveRoute('output', { jobId }).url} download>{t('jobs.action.output')}</Menu.Item>}
            {active && <Menu.Item leftSection={<IconPlayerStop size={14} />} disabled={state === 'CANCELLING'} onClick={() => stop(row)}>{t('jobs.action.stop')}</Menu.Item>}
            {jobId !== null && !active && <Menu.Item leftSection={<IconRocket size={14} />} onClick={() => deployAgain(row)}>{t('jobs.action.deployAgain')}</Menu.Item>}
            <Menu.Divider />
            <Menu.Item color="red" leftSection={<IconTrash size={14} />} onClick={() => remove(row)}>{t('jobs.action.delete')}</Menu.Item>
          </Menu.Dropdown>
        </Menu>
      </td>
    </tr>
  );
}
