/**
 * Deploying, asked once: it starts at once when the draft is fine, and shows what stands in the way when it is not.
 * Opens by being mounted with a project; the caller unmounts it on `close`.
 */
import { Button } from '@mantine/core';
import { IconAlertCircle, IconAlertTriangle, IconRocket } from '@tabler/icons-react';
import { Link } from '@tanstack/react-router';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { Issue, JobSummary } from '@tidemark/protocol';
import { call } from '../api/client.ts';
import { currentLanguage } from '../i18n/index.ts';
import { raisedText } from '../i18n/issue-text.ts';
import { Loading, errorText } from '../shell/states.tsx';
import { Dialog } from '../shell/dialog.tsx';
import { type DeployOutcome, deployDraft } from './deployment.ts';
import './deploy.css';

export interface DeployDialogProps {
  readonly projectId: string;
  readonly name: string;
  /** Revision of the draft; null = the newest that the runtime has. */
  readonly revision: number | null;
  close(): void;
  started(job: JobSummary, version: number): void;
}

export function DeployDialog({ projectId, name, revision, close, started }: DeployDialogProps) {
  const { t } = useTranslation();
  const [outcome, setOutcome] = useState<DeployOutcome | null>(null);
  const begun = useRef(false);
  const run = async (acceptWarnings: boolean): Promise<void> => {
    setOutcome(null);
    try {
      const target = revision ?? (await call('project', { params: { projectId } })).draft.revision;
      const result = await deployDraft(projectId, target, acceptWarnings);
      if (result.kind !== 'started') return setOutcome(result);
      started(result.job, result.version);
    } catch (error) {
      setOutcome({ kind: 'failed', error });
    }
  };
  useEffect(() => {
    // Mounted twice in development: a job is started once.
    if (begun.current) return;
    begun.current = true;
    void run(false);
  });
  return (
    <Dialog opened close={close} title={t('live.deploy.title', { name })} size={480}>
      <div className="deploy-dialog">
        {outcome === null && <Loading label={t('live.deploy.deploying')} />}
        {outcome?.kind === 'warnings' && <><p>{t('live.deploy.warnings')}</p><IssueList issues={outcome.issues} /></>}
        {outcome?.kind === 'errors' && <><p>{t('live.deploy.errors')}</p><IssueList issues={outcome.issues} /></>}
        {outcome?.kind === 'newer' && <p role="alert">{t('live.deploy.newer')}</p>}
        {outcome?.kind === 'failed' && <p role="alert"><b className="tm-b">{t('live.deploy.failed')}</b> {errorText(outcome.error)}</p>}
        {outcome !== null && (
          <div className="deploy-actions">
            <Button onClick={close} data-autofocus>{t('common.cancel')}</Button>
            {outcome.kind === 'warnings' && <Button variant="filled" leftSection={<IconRocket size={14} stroke={1.8} aria-hidden />} onClick={() => void run(true)}>{t('live.deploy.anyway')}</Button>}
            {(outcome.kind === 'errors' || outcome.kind === 'newer') && <Button variant="filled" component={Link} to={`/projects/${projectId}/design`} onClick={close}>{t('live.deploy.toDesign')}</Button>}
            {outcome.kind === 'failed' && <Button variant="filled" onClick={() => void run(false)}>{t('common.retry')}</Button>}
          </div>
        )}
      </div>
    </Dialog>
  );
}

function IssueList({ issues }: { readonly issues: readonly Issue[] }) {
  return (
    <ul className="deploy-issues">
      {issues.map((issue, at) => (
        <li key={`${issue.path} ${issue.code} ${at}`} data-severity={issue.severity}>
          {issue.severity === 'error' ? <IconAlertCircle size={15} aria-hidden /> : <IconAlertTriangle size={15} aria-hidden />}
          <IssueWords issue={issue} />
        </li>
      ))}
    </ul>
  );
}

function IssueWords({ issue }: { readonly issue: Issue }) {
  const { t } = useTranslation();
  const { message, fix } = raisedText(issue, currentLanguage());
  return <span>{message}{fix !== null && <span className="tm-dim"> {t('live.deploy.fix', { fix })}</span>}</span>;
}
