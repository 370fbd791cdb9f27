/**
 * Asks what a drawing is about: a file, pasted lines, or a generator; proposes types, time and key with the evidence
 * for each, and lets the person correct all of it before it is used. Used by /jobs and by the canvas alike.
 */
import { Button, SegmentedControl, Textarea } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { IconCloudUpload, IconFileUpload } from '@tabler/icons-react';
import { detectFormat } from '@tidemark/event';
import { useEffect, useRef, useState } from 'react';
import { useTranslation } from 'react-i18next';
import type { ChosenData } from './chosen-data.ts';
import { Dialog } from '../shell/dialog.tsx';
import { CorrectStep } from './correct-step.tsx';
import { GENERATOR_CHOICES, type GeneratorChoice } from './generators.ts';
import { type Dropped, carriesFile, droppedFile } from './dropped-file.ts';
import { useUpload } from './use-upload.ts';
import './data.css';

export interface DataDialogProps {
  readonly opened: boolean;
  readonly title: string;
  /** A file that was dropped elsewhere: the dialog starts with it. */
  readonly initial?: Dropped | null;
  readonly initialWay?: Way;
  /** Words on the button that ends it. */
  readonly useLabel?: string;
  close(): void;
  chosen(data: ChosenData): void | Promise<void>;
  /** Given where one may go on without data. */
  without?: () => void;
}
export type Way = 'file' | 'paste' | 'generator';
const WAYS: readonly Way[] = ['file', 'paste', 'generator'];

export function DataDialog({ opened, title, close, ...rest }: DataDialogProps) {
  const narrow = useMediaQuery('(max-width: 767px)') ?? false;
  return (
    <Dialog opened={opened} close={close} title={title} size={980} fullScreen={narrow}>
      {opened && <DataSteps title={title} {...rest} />}
    </Dialog>
  );
}

type StepsProps = Omit<DataDialogProps, 'opened' | 'close'>;

function DataSteps({ initial, initialWay, useLabel, chosen, without }: StepsProps) {
  const { t } = useTranslation();
  const [way, setWay] = useState<Way>(initialWay ?? 'file');
  const upload = useUpload();
  const started = useRef(false);
  const { choose } = upload;
  useEffect(() => {
    if (started.current || initial === null || initial === undefined) return;
    started.current = true;
    choose(initial.file, initial.file.name, initial.folder);
  }, [initial, choose]);
  if (upload.state.kind !== 'none' && upload.state.kind !== 'refused') return <CorrectStep upload={upload} useLabel={useLabel} chosen={chosen} />;
  return (
    <div className="data-choose">
      <p className="tm-dim">{t('data.lead')}</p>
      <SegmentedControl aria-label={t('data.way.label')} value={way} onChange={(next) => setWay(next as Way)} data={WAYS.map((value) => ({ value, label: t(`data.way.${value}`) }))} />
      {upload.state.kind === 'refused' && <p className="data-refused" role="alert">{t(`data.upload.refused.${upload.state.refusal}`, { name: upload.state.name, size: `${Math.round(upload.state.size / 1e6)} MB` })}</p>}
      {way === 'file' && <FileWay choose={upload.choose} />}
      {way === 'paste' && <PasteWay choose={upload.choose} />}
      {way === 'generator' && <GeneratorWay chosen={chosen} />}
      {without !== undefined && <div className="data-without"><Button variant="subtle" onClick={without}>{t('data.way.none')}</Button></div>}
    </div>
  );
}

function FileWay({ choose }: { choose(file: Blob, name: string, folder?: boolean): void }) {
  const { t } = useTranslation();
  const input = useRef<HTMLInputElement>(null);
  const [over, setOver] = useState(false);
  return (
    <div className="data-drop" data-over={over}
         onDragOver={(event) => { if (carriesFile(event.dataTransfer)) { event.preventDefault(); setOver(true); } }} onDragLeave={() => setOver(false)}
         onDrop={(event) => {
           event.preventDefault();
           event.stopPropagation();
           setOver(false);
           const dropped = droppedFile(event.dataTransfer);
           if (dropped !== null) choose(dropped.file, dropped.file.name, dropped.folder);
         }}>
      <IconCloudUpload size={28} stroke={1.4} aria-hidden />
      <span className="tm-b">{t('data.file.drop')}</span>
      <span className="tm-t12 tm-mute">{t('data.file.kinds')}</span>
      <Button variant="filled" leftSection={<IconFileUpload size={14} stroke={1.8} aria-hidden />} onClick={() => input.current?.click()}>{t('data.file.choose')}</Button>
      <input ref={input} type="file" className="tm-sr" tabIndex={-1} aria-label={t('data.file.choose')} accept=".csv,.tsv,.ndjson,.jsonl,.json,.log,.txt,text/csv,application/json,application/x-ndjson"
             onChange={(event) => {
               const file = event.currentTarget.files?.[0];
               if (file !== undefined) choose(file, file.name);
               event.currentTarget.value = '';
             }} />
    </div>
  );
}

function PasteWay({ choose }: { choose(file: Blob, name: string): void }) {
  const { t } = useTranslation();
  const [text, setText] = useState('');
  const read = (): void => {
    const bytes = new TextEncoder().encode(text.trim() + '\n');
    choose(new Blob([bytes], { type: 'text/plain' }), `${t('data.paste.name')}.${detectFormat(bytes, '')}`);
  };
  return (
    <form className="data-paste" onSubmit={(event) => { event.preventDefault(); if (text.trim() !== '') read(); }}>
      <Textarea label={t('data.paste.label')} description={t('data.paste.hint')} placeholder={t('data.paste.placeholder')} value={text} rows={10} spellCheck={false} data-autofocus
                classNames={{ input: 'tm-mono' }} onChange={(event) => setText(event.currentTarget.value)} />
      <div className="data-actions"><Button type="submit" variant="filled" disabled={text.trim() === ''}>{t('data.paste.use')}</Button></div>
    </form>
  );
}

function GeneratorWay({ chosen }: { chosen(data: ChosenData): void | Promise<void> }) {
  const { t } = useTranslation();
  const [busy, setBusy] = useState<string | null>(null);
  const take = async (generator: GeneratorChoice): Promise<void> => {
    setBusy(generator.name);
    const { name, schema, source, key } = generator;
    try {
      await chosen({ name: t(`data.generator.${name}.name`), schema, source, key, outOfOrdernessMs: 0 });
    } finally {
      setBusy(null);
    }
  };
  return (
    <ul className="data-generators">
      {GENERATOR_CHOICES.map((generator) => (
        <li key={generator.name}>
          <span><b className="tm-b">{t(`data.generator.${generator.name}.name`)}</b> <span className="tm-dim">{t(`data.generator.${generator.name}.text`)}</span>
            <span className="data-generator-fields tm-mono11 tm-mute">{generator.schema.fields.map((field) => field.name).join(', ')}</span></span>
          <Button loading={busy === generator.name} disabled={busy !== null} onClick={() => void take(generator)}>{t('data.generator.use')}</Button>
        </li>
      ))}
      <li className="tm-t12 tm-mute">{t('data.generator.hint')}</li>
    </ul>
  );
}
