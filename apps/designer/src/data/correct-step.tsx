/** The proposal with its evidence, every part of it open to correction, while the file is still being sent. */
import { ActionIcon, Button, Checkbox, MultiSelect, NumberInput, Progress, Select, Tooltip } from '@mantine/core';
import { IconCheck, IconFile, IconX } from '@tabler/icons-react';
import { useEffect, useId, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { FieldType, TimeFormat } from '@tidemark/event';
import type { Proposal } from '@tidemark/protocol';
import { formatBytes, formatCount, formatDuration, formatPercent, formatSetting, formatValue } from '../dashboard/format.ts';
import { type Language, currentLanguage } from '../i18n/index.ts';
import { notifyError } from '../shell/notify.ts';
import { EmptyState, Loading } from '../shell/states.tsx';
import { type ChosenData, nameOfFile } from './chosen-data.ts';
import { type Correction, correctionOf, pacedRate, problemsOf, schemaOf, withIncluded, withKey, withLateness, withTime, withTimeFormat, withType } from './correction.ts';
import { isUnderWay, sentShare } from './upload.ts';
import type { Upload } from './use-upload.ts';

const TYPES: readonly FieldType[] = ['string', 'double', 'int', 'bool'];
const FORMATS: readonly TimeFormat[] = ['iso8601', 'datetime', 'epoch-ms', 'epoch-s', 'epoch-us'];
const PACE_SECONDS = 150;

export interface CorrectStepProps { readonly upload: Upload; readonly useLabel?: string | undefined; chosen(data: ChosenData): void | Promise<void> }

export function CorrectStep({ upload, useLabel, chosen }: CorrectStepProps) {
  const { t } = useTranslation();
  const sample = upload.state.kind === 'done' ? upload.state.sample : null;
  const proposal = upload.peek?.proposal ?? sample?.proposal ?? null;
  const [correction, setCorrection] = useState<Correction | null>(null);
  const [pace, setPace] = useState<'paced' | 'unlimited'>('paced');
  const [busy, setBusy] = useState(false);
  // The first proposal is taken once: what the person corrected is not guessed again.
  useEffect(() => { if (proposal !== null) setCorrection((known) => known ?? correctionOf(proposal)); }, [proposal]);
  const none = proposal !== null && proposal.fields.length === 0;
  const problems = correction === null ? [] : problemsOf(correction);
  const schema = correction === null ? null : schemaOf(correction);
  const records = upload.peek?.records ?? sample?.proposal.records ?? 0;
  const rate = pacedRate(records, PACE_SECONDS);

  const take = async (): Promise<void> => {
    if (sample === null || schema === null || correction === null) return;
    setBusy(true);
    try {
      await chosen({
        name: nameOfFile(sample.name), schema, key: correction.key, outOfOrdernessMs: correction.outOfOrdernessMs,
        source: { kind: 'file', sample: sample.hash, format: sample.format, rate: pace === 'paced' ? { kind: 'per-second', events: rate } : { kind: 'unlimited' } },
      });
    } catch (error) {
      notifyError(error);
    } finally {
      setBusy(false);
    }
  };

  return (
    <div className="data-correct">
      <UploadLine upload={upload} />
      {none ? <EmptyState title={t('data.proposal.none')} actions={<Button onClick={upload.reset}>{t('data.file.other')}</Button>}>{t('data.proposal.noneHint')}</EmptyState>
        : proposal === null || correction === null ? (isUnderWay(upload.state) ? <div className="data-loading"><Loading /></div> : null)
        : <>
            <div className="data-columns">
              <FieldTable proposal={proposal} correction={correction} change={setCorrection} estimated={records} />
              <Settings proposal={proposal} correction={correction} change={setCorrection}>
                <Select label={t('data.rate.label')} value={pace} onChange={(next) => setPace(next === 'unlimited' ? 'unlimited' : 'paced')}
                        data={[{ value: 'paced', label: t('data.rate.paced', { span: formatSpan(Math.min(PACE_SECONDS, Math.max(1, records)) * 1000, currentLanguage()), n: formatCount(rate) }) }, { value: 'unlimited', label: t('data.rate.unlimited') }]} />
              </Settings>
            </div>
            <div className="data-actions">
              <div className="data-problems" role="status">{problems.map((problem) => <p key={problem.code}>{t(`data.problem.${problem.code}`)}</p>)}</div>
              <Button onClick={upload.reset}>{t('data.file.other')}</Button>
              <Button variant="filled" disabled={sample === null || schema === null} loading={busy} onClick={() => void take()}>{isUnderWay(upload.state) ? t('data.waiting') : useLabel ?? t('data.use')}</Button>
            </div>
          </>}
    </div>
  );
}

function UploadLine({ upload }: { readonly upload: Upload }) {
  const { t } = useTranslation();
  const { state } = upload;
  const text = (): string => {
    switch (state.kind) {
      case 'sending': return t('data.upload.sending', { name: state.name, sent: formatBytes(state.sent), size: formatBytes(state.size) });
      case 'reading': return t('data.upload.reading', { name: state.name });
      case 'done': return t('data.upload.done', { name: state.sample.name });
      case 'failed': return t('data.upload.failed', { name: state.name, reason: state.reason });
      case 'cancelled': return t('data.upload.cancelled', { name: state.name });
      default: return '';
    }
  };
  const share = sentShare(state);
  const broken = state.kind === 'failed' || state.kind === 'cancelled';
  return (
    <div className="data-upload" data-kind={state.kind} role={state.kind === 'failed' ? 'alert' : 'status'}>
      {state.kind === 'done' ? <IconCheck size={16} aria-hidden /> : <IconFile size={16} stroke={1.6} aria-hidden />}
      <span className="tm-clip tm-grow" title={text()}>{text()}</span>
      {isUnderWay(state) && <>
        <Progress value={Math.round((share ?? 0) * 100)} aria-label={t('data.upload.progress')} className="data-progress" animated={state.kind === 'reading'} color="blue" />
        <Tooltip label={t('data.upload.cancel')}><ActionIcon size={24} aria-label={t('data.upload.cancel')} onClick={upload.cancel}><IconX size={14} /></ActionIcon></Tooltip>
      </>}
      {broken && <Button size="xs" onClick={upload.retry}>{t('data.upload.again')}</Button>}
      {broken && <Button size="xs" onClick={upload.reset}>{t('data.file.other')}</Button>}
    </div>
  );
}

/** Whole seconds: it is a plan, no measurement. */
const formatSpan = (ms: number, language: Language): string => (ms < 60_000 ? formatSetting(ms, language) : formatDuration(ms, language));

interface PartProps { readonly proposal: Proposal; readonly correction: Correction; change(next: Correction): void }

function FieldTable({ proposal, correction, change, estimated }: PartProps & { readonly estimated: number }) {
  const { t } = useTranslation();
  const evidence = new Map(proposal.fields.map((field) => [field.name, field]));
  return (
    <div className="data-fields">
      <p className="tm-t12 tm-mute">
        {[t('data.proposal.found', { count: proposal.records, n: formatCount(proposal.records) }), estimated > proposal.records ? t('data.proposal.about', { n: formatCount(estimated) }) : null].filter(Boolean).join(', ')}
        {proposal.undecodable > 0 && <span className="data-undecodable"> {t('data.proposal.undecodable', { count: proposal.undecodable, n: formatCount(proposal.undecodable) })}</span>}
      </p>
      <div className="data-table" tabIndex={0} role="region" aria-label={t('data.proposal.fields')}>
        <table className="tm-table">
          <thead><tr><th><span className="tm-sr">{t('data.proposal.include', { name: '' })}</span></th><th>{t('data.proposal.field')}</th><th>{t('data.proposal.type')}</th><th>{t('data.proposal.evidence')}</th></tr></thead>
          <tbody>
            {correction.fields.map((field) => {
              const isTime = correction.time?.field === field.name;
              return (
                <tr key={field.name} data-field={field.name} data-off={!field.included}>
                  <td><Checkbox checked={field.included} disabled={isTime} aria-label={t('data.proposal.include', { name: field.name })} onChange={(event) => change(withIncluded(correction, field.name, event.currentTarget.checked))} /></td>
                  <td className="tm-mono data-name"><span className="tm-clip" title={field.name}>{field.name}</span>
                    {isTime && <span className="tm-state">{t('data.proposal.timeHere')}</span>}{correction.key.includes(field.name) && <span className="tm-state">{t('data.proposal.key')}</span>}</td>
                  <td>{isTime ? <span className="tm-t12 tm-mute">{t('data.proposal.timeHere')}</span>
                    : <Select aria-label={t('data.proposal.typeOf', { name: field.name })} value={field.type} disabled={!field.included} w={122} comboboxProps={{ withinPortal: true }}
                              data={TYPES.map((type) => ({ value: type, label: t(`data.type.${type}`) }))} onChange={(type) => { if (type !== null) change(withType(correction, field.name, type as FieldType)); }} />}</td>
                  <td className="data-evidence tm-t12"><Evidence field={evidence.get(field.name)} records={proposal.records} /></td>
                </tr>
              );
            })}
          </tbody>
        </table>
      </div>
    </div>
  );
}

/** The sentence for one field, from what was counted. */
function Evidence({ field, records }: { readonly field: Proposal['fields'][number] | undefined; readonly records: number }) {
  const { t } = useTranslation();
  if (field === undefined) return null;
  const short = (value: string): string => (value.length > 24 ? `${value.slice(0, 23)}…` : value);
  const numeric = field.min !== null && field.max !== null && (field.type === 'double' || field.type === 'int');
  // Values that hardly repeat are no evidence.
  const frequent = (field.top[0]?.count ?? 0) > 1 && (field.top[0]?.count ?? 0) * 100 >= records * field.presence;
  const parts = [
    field.presence >= 1 ? t('data.proposal.always') : t('data.proposal.present', { percent: formatPercent(field.presence) }),
    t('data.proposal.distinct', { count: field.distinct, n: formatCount(field.distinct) }),
    numeric ? t('data.proposal.range', { min: formatValue(field.min), max: formatValue(field.max) }) : !frequent ? null
      : t('data.proposal.top', { values: field.top.slice(0, 3).map(({ value }) => short(value)).join(', ') }),
  ].filter(Boolean).join(' · ');
  return <span title={field.top.map(({ value, count }) => `${value} (${count})`).join('\n')}>{parts}</span>;
}

function Settings({ proposal, correction, change, children }: PartProps & { readonly children: React.ReactNode }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const hint = useId();
  const included = correction.fields.filter((field) => field.included).map((field) => field.name);
  const found = proposal.time.find((candidate) => candidate.field === correction.time?.field);
  const keyEvidence = proposal.key.filter((candidate) => correction.key.includes(candidate.field)).map(({ field, distinct }) => `${field}: ${t('data.proposal.distinct', { count: distinct, n: formatCount(distinct) })}`).join(', ');
  return (
    <div className="data-settings">
      <fieldset>
        <legend className="tm-b">{t('data.proposal.time')}</legend>
        <Select label={t('data.proposal.timeField')} value={correction.time?.field ?? null} placeholder={t('data.proposal.noTime')} searchable data={correction.fields.map((field) => field.name)}
                error={correction.time === null} onChange={(field) => change(withTime(correction, field, proposal))} />
        <Select label={t('data.proposal.timeFormat')} value={correction.time?.format ?? null} disabled={correction.time === null} data={FORMATS.map((format) => ({ value: format, label: t(`data.format.${format}`) }))}
                onChange={(format) => { if (format !== null) change(withTimeFormat(correction, format as TimeFormat)); }} />
        {found !== undefined && <p className="tm-t11 tm-mute">{found.inOrder ? t('data.proposal.inOrder') : t('data.proposal.outOfOrder', { span: formatDuration(found.outOfOrdernessMs, language) })}</p>}
      </fieldset>
      <MultiSelect label={t('data.proposal.key')} description={t('data.proposal.keyHint')} size="xs" searchable clearable={false} hidePickedOptions value={[...correction.key]}
                   placeholder={correction.key.length === 0 ? t('data.proposal.keyNone') : undefined} data={included.filter((name) => name !== correction.time?.field)} onChange={(key) => change(withKey(correction, key))} aria-describedby={keyEvidence === '' ? undefined : hint} />
      {keyEvidence !== '' && <p id={hint} className="tm-t11 tm-mute data-key-evidence">{keyEvidence}</p>}
      <NumberInput label={t('data.proposal.late')} description={t('data.proposal.lateHint')} value={correction.outOfOrdernessMs / 1000} min={0} max={31_622_400} decimalScale={3} suffix={` ${t('data.unit.s')}`} hideControls
                   onChange={(seconds) => change(withLateness(correction, Math.round(Number(seconds) * 1000) || 0))} />
      {children}
    </div>
  );
}
