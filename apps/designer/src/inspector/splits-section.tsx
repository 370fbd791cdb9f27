/** The splits of a source: several files that are read side by side, or a generator's events over several; and when one that has nothing is no longer waited for. */
import { ActionIcon, Button, NumberInput, TextInput } from '@mantine/core';
import { IconPlus, IconTrash } from '@tabler/icons-react';
import type { SourceFile, SourceSpec } from '@tidemark/pattern';
import { useState } from 'react';
import { useTranslation } from 'react-i18next';
import { DataDialog } from '../data/index.ts';
import { useShown, useWorkbench } from '../store/context.tsx';
import { DurationInput } from './duration-input.tsx';

export function SplitsSection({ source }: { source: SourceSpec }) {
  const { t } = useTranslation();
  const { design } = useWorkbench();
  const document = useShown();
  const byClock = document.timeDomain === 'PROCESSING_TIME';
  const several = source.kind === 'generator' ? (source.splits ?? 1) > 1 : filesOf(source).length > 1 || filesOf(source).some((file) => 'path' in file && file.path.includes('*'));
  return (
    <section className="tm-section tm-stack">
      <p className="tm-label">{t('design.splits.title')}</p>
      {source.kind === 'generator'
        ? <NumberInput label={t('design.splits.count')} description={t('design.splits.countHint')} min={1} max={256} value={source.splits ?? 1}
                       onChange={(value) => { const n = Math.round(Number(value)); if (value !== '' && n >= 1 && n <= 256) design.getState().execute({ kind: 'set-source', source: { ...source, splits: n === 1 ? undefined : n } }, 'splits'); }} />
        : <Files source={source} />}
      {!byClock && (several || document.idlenessMs !== undefined) && (
        <>
          <DurationInput label={t('design.splits.idleness')} optional value={document.idlenessMs ?? null} placeholder={t('design.splits.never')}
                         onChange={(ms) => design.getState().execute({ kind: 'set-settings', settings: { idlenessMs: ms ?? undefined } })} />
          <p className="tm-t11 tm-mute">{t('design.splits.idlenessHint')}</p>
        </>
      )}
    </section>
  );
}

type FileSource = Extract<SourceSpec, { kind: 'file' }>;

/** What a source reads, as a list. */
const filesOf = ({ files, sample, path }: FileSource): readonly SourceFile[] =>
  files ?? (sample !== undefined ? [{ sample }] : path !== undefined ? [{ path }] : []);

/** One file is written as one file again, unless its path stands for several. */
function withFiles(source: FileSource, files: readonly SourceFile[]): FileSource {
  const { files: _files, sample: _sample, path: _path, ...rest } = source;
  const [only] = files;
  if (files.length === 1 && only !== undefined && !('path' in only && only.path.includes('*'))) return { ...rest, ...only };
  return files.length === 0 ? rest : { ...rest, files: [...files] };
}

function Files({ source }: { source: FileSource }) {
  const { t } = useTranslation();
  const { design } = useWorkbench();
  const [asking, setAsking] = useState(false);
  const [path, setPath] = useState('');
  const files = filesOf(source);
  const set = (next: readonly SourceFile[]): void => design.getState().execute({ kind: 'set-source', source: withFiles(source, next) });
  const addPath = (): void => { if (path.trim() !== '') { set([...files, { path: path.trim() }]); setPath(''); } };
  return (
    <>
      <p className="tm-t11 tm-mute">{t('design.splits.filesHint')}</p>
      <ol className="tm-splits">
        {files.map((file, index) => (
          <li key={'path' in file ? file.path : file.sample}>
            <span className="tm-mono11 tm-clip">{'path' in file ? file.path : t('design.splits.sample', { hash: file.sample.slice(0, 8) })}</span>
            {files.length > 1 && <ActionIcon size="xs" aria-label={t('design.splits.remove', { n: index + 1 })} onClick={() => set(files.filter((_, at) => at !== index))}><IconTrash size={13} /></ActionIcon>}
          </li>
        ))}
      </ol>
      <div className="tm-row tm-wrap">
        <Button size="xs" leftSection={<IconPlus size={13} aria-hidden />} onClick={() => setAsking(true)}>{t('design.splits.addFile')}</Button>
        <TextInput className="tm-grow" size="xs" aria-label={t('design.splits.addPath')} placeholder={t('design.splits.addPath')} value={path} onChange={(event) => setPath(event.currentTarget.value)} onBlur={addPath} onKeyDown={(event) => { if (event.key === 'Enter') addPath(); }} />
      </div>
      <DataDialog opened={asking} title={t('design.splits.addFile')} close={() => setAsking(false)}
                  chosen={({ source: chosen }) => {
                    setAsking(false);
                    if (chosen.kind === 'file' && chosen.sample !== undefined && !files.some((file) => 'sample' in file && file.sample === chosen.sample)) set([...files, { sample: chosen.sample }]);
                  }} />
    </>
  );
}
