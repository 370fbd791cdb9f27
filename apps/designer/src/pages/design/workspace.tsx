/** Layout of the Design page: palette, drawing (or outline, or JSON), dock, inspector; narrower windows fold them. */
import './design.css';
import { ActionIcon, Button, Tooltip } from '@mantine/core';
import { useMediaQuery } from '@mantine/hooks';
import { useNavigate } from '@tanstack/react-router';
import { IconAlertCircle, IconAlertTriangle, IconArrowBackUp, IconArrowForwardUp, IconAdjustmentsHorizontal, IconCheck, IconCloudOff, IconCloudUpload, IconPlayerPlay, IconPlus, IconRocket } from '@tabler/icons-react';
import { redoName, undoName } from '@tidemark/editor';
import { type JobDocument, decodeDocument, sentence, sentenceText } from '@tidemark/pattern';
import type { JobSummary, Project } from '@tidemark/protocol';
import { type ReactNode, useCallback, useEffect, useMemo, useState } from 'react';
import { Group, Panel, Separator, usePanelRef } from 'react-resizable-panels';
import { useTranslation } from 'react-i18next';
import { PatternTabs } from '../../canvas/pattern-tabs.tsx';
import { displayName } from '../../canvas/words.ts';
import { DataDialog, type Dropped, droppedFile } from '../../data/index.ts';
import { DeployDialog } from '../../deploy/deploy-dialog.tsx';
import { Inspector } from '../../inspector/inspector.tsx';
import { currentLanguage } from '../../i18n/index.ts';
import { OutlineView } from '../../outline/outline-view.tsx';
import { AppBar } from '../../shell/app-bar.tsx';
import { errorText } from '../../shell/states.tsx';
import { useDesign, usePattern, useSaves, useShown, useWorkbench } from '../../store/context.tsx';
import type { View } from '../../store/design-store.ts';
import { Dock, type DockTab } from '../../test-dock/dock.tsx';
import { applyData } from './apply-data.ts';
import { CanvasEditor } from './canvas-editor.tsx';
import { GesturesContext, useGestures, useNewGestures } from './gestures.tsx';
import { changedStages, useDeployed } from './deployed.ts';
import { JsonView } from './json-view.tsx';
import { isTyping } from './keys.ts';
import { Palette } from './palette.tsx';

const media = (query: string): boolean => globalThis.matchMedia?.(query).matches ?? false;
const FOLDED_PX = 37;

export function Workspace({ project, jobId }: { project: Project; jobId: string | null }) {
  const gestures = useNewGestures();
  return <GesturesContext.Provider value={gestures}><Work project={project} jobId={jobId} /></GesturesContext.Provider>;
}

function Work({ project, jobId }: { project: Project; jobId: string | null }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { design, sample } = useWorkbench();
  const gestures = useGestures();
  const document = useDesign((state) => state.document);
  const deployed = useDeployed(project);
  const changed = useMemo(() => (deployed === null ? null : changedStages(document, deployed.document)), [document, deployed]);
  const view = useDesign((state) => state.view);
  const selected = useDesign((state) => state.selected);
  const panel = useDesign((state) => state.panel);
  const announcement = useDesign((state) => state.announcement);
  const wide = useMediaQuery('(min-width: 1280px)', media('(min-width: 1280px)'), { getInitialValueInEffect: false }) ?? true;
  const narrow = useMediaQuery('(max-width: 767px)', media('(max-width: 767px)'), { getInitialValueInEffect: false }) ?? false;
  const [tab, setTab] = useState<DockTab>('test');
  const [folded, setFolded] = useState(() => media('(max-height: 719px)') || media('(max-width: 1279px)'));
  const [drawer, setDrawer] = useState(false);
  const [dropped, setDropped] = useState<Dropped | null>(null);
  const dock = usePanelRef();
  const fold = useCallback((next: boolean): void => {
    setFolded(next);
    if (next) dock.current?.collapse(); else dock.current?.expand();
  }, [dock]);

  // under 1280 px the inspector is a drawer: it opens with a selection or a panel
  useEffect(() => { if (!wide) setDrawer(selected.size > 0 || panel !== null); }, [wide, selected, panel]);
  useUndoKeys();
  useClipboard();

  const onFile = useCallback((event: globalThis.DragEvent): void => {
    const found = event.dataTransfer === null ? null : droppedFile(event.dataTransfer);
    if (found === null) return;
    const take = async (): Promise<void> => { const text = await takeFile(found); if (text === null) setDropped(found); else gestures.import(text); };
    void take();
  }, [gestures]);

  const shown: View = narrow && view === 'drawing' ? 'outline' : view;
  const main = shown === 'drawing' ? <CanvasEditor onFile={onFile} changed={changed} /> : shown === 'outline' ? <OutlineView /> : <JsonView />;
  const views: readonly View[] = narrow ? ['outline', 'json'] : ['drawing', 'outline', 'json'];
  return (
    <div className="tm-page tm-design">
      <AppBar title={displayName(document, language)} status={<><SaveStatus />{deployed !== null && <VersionStatus job={deployed.job} changed={changed?.size ?? 0} />}</>} history={<UndoButtons />} project={{ id: project.id, page: 'design', job: jobId ?? undefined }} actions={<Deploy project={project} onProblems={() => { setTab('problems'); fold(false); }} onTest={() => { setTab('test'); fold(false); }} />} />
      <main id="main" className="tm-work" data-narrow={narrow || undefined}
            onDragOver={(event) => event.preventDefault()} onDrop={(event) => { if (!event.defaultPrevented) { event.preventDefault(); onFile(event.nativeEvent); } }}>
        {!narrow && <Palette />}
        <div className="tm-center-column">
          <Patterns />
          <SentenceBar />
          <Conflict />
          <Group orientation="vertical" className="tm-panels">
            <Panel minSize={140} id="drawing">
              <div className="tm-view">
                <div className="tm-tabs tm-view-tabs" data-size="sm" role="group" aria-label={t('design.view.title')}>
                  {views.map((candidate) => <button key={candidate} type="button" aria-pressed={shown === candidate} onClick={() => design.getState().show(candidate)}>{t(`design.view.${candidate}`)}</button>)}
                </div>
                {narrow && <span className="tm-narrow-undo"><UndoButtons /></span>}
                {!wide && <Button size="xs" className="tm-open-inspector" leftSection={<IconAdjustmentsHorizontal size={14} aria-hidden />} onClick={() => setDrawer(true)}>{t('design.inspector.title')}</Button>}
                {main}
              </div>
            </Panel>
            <Separator className="tm-separator" aria-label={t('design.dock.resize')} />
            <Panel id="dock" panelRef={dock} defaultSize={folded ? FOLDED_PX : media('(min-width: 1600px)') ? 384 : 292} minSize={140} collapsible collapsedSize={FOLDED_PX} onResize={(size) => setFolded(size.inPixels <= FOLDED_PX + 2)}>
              <Dock tab={tab} onTab={setTab} folded={folded} onFold={fold} />
            </Panel>
          </Group>
        </div>
        {wide ? <Inspector /> : drawer && <div className="tm-drawer"><Inspector onClose={() => { setDrawer(false); design.getState().openPanel(null); }} /></div>}
      </main>
      <p className="tm-sr" aria-live="polite">{announcement}</p>
      <DataDialog opened={dropped !== null} initial={dropped} title={t('design.source.change')} close={() => setDropped(null)} chosen={(data) => { setDropped(null); sample.getState().paste(null); applyData(design, data); }} />
    </div>
  );
}

/** Text of a dropped job document; null where the file is data. */
async function takeFile({ file, folder }: Dropped): Promise<string | null> {
  if (folder || file.size > 2_000_000 || !/\.json$/i.test('name' in file ? String(file.name) : '')) return null;
  const text = await file.text();
  return /"format"\s*:\s*"tidemark-job"/.test(text.slice(0, 4_000)) ? text : null;
}

/** Which pattern is on the page, and what is wrong in the others. */
function Patterns() {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { design } = useWorkbench();
  const gestures = useGestures();
  const patterns = useDesign((state) => state.document.patterns);
  const issues = useDesign((state) => state.issues);
  const shown = usePattern();
  if (patterns.length < 2) return null;
  const errors = new Map<string, number>();
  for (const { severity, patternId } of issues) if (severity === 'error' && patternId !== null) errors.set(patternId, (errors.get(patternId) ?? 0) + 1);
  const tabs = patterns.map((pattern) => ({ id: pattern.id, name: displayName(pattern, language), errors: errors.get(pattern.id) ?? 0 }));
  return (
    <PatternTabs patterns={tabs} shown={shown.id} choose={(id) => design.getState().showPattern(id)}>
      <ActionIcon aria-label={t('design.patterns.add')} title={t('design.patterns.add')} onClick={() => gestures.addPattern()}><IconPlus size={15} /></ActionIcon>
    </PatternTabs>
  );
}

function SentenceBar() {
  const { t } = useTranslation();
  const language = currentLanguage();
  const document = useShown();
  const pattern = usePattern();
  const parts = useMemo(() => sentence(document, pattern.id, language), [document, pattern.id, language]);
  const [whole, setWhole] = useState(false);
  return (
    <div className="tm-sentence" role="note" aria-label={t('design.sentence')}>
      <p data-whole={whole || undefined} title={whole ? undefined : sentenceText(parts)} onClick={() => setWhole(!whole)}>{parts.map((part, index) => (part.strong ? <b key={index}>{part.text}</b> : <span key={index}>{part.text}</span>))}</p>
    </div>
  );
}

function SaveStatus() {
  const { t } = useTranslation();
  const { saver } = useWorkbench();
  const state = useSaves((saves) => saves.state);
  const looks: Readonly<Record<typeof state.kind, readonly [icon: ReactNode, hue: string | undefined]>> = {
    saved: [<IconCheck key="i" aria-hidden />, undefined], dirty: [<IconCloudUpload key="i" aria-hidden />, undefined], saving: [<IconCloudUpload key="i" aria-hidden />, undefined],
    offline: [<IconCloudOff key="i" aria-hidden />, 'amber'], conflict: [<IconAlertTriangle key="i" aria-hidden />, 'amber'], failed: [<IconAlertCircle key="i" aria-hidden />, 'red'],
  };
  const [icon, hue] = looks[state.kind];
  return (
    <span className="tm-state tm-saved" data-bare="true" data-hue={hue} data-save={state.kind} role="status" title={state.kind === 'failed' ? errorText(state.error) : t(`design.saveHint.${state.kind}`)}>
      {icon}<span className="tm-saved-word">{t(`design.save.${state.kind}`)}</span>
      {(state.kind === 'offline' || state.kind === 'failed') && <Button size="xs" variant="subtle" onClick={() => void saver.flush()}>{t('common.retry')}</Button>}
    </span>
  );
}

/** What runs, apart from the draft: its version, its state, and how far the draft has moved on. */
function VersionStatus({ job, changed }: { job: JobSummary; changed: number }) {
  const { t } = useTranslation();
  return <span className="tm-t12 tm-mute tm-version-status">{t('design.version', { n: job.version, state: t(`jobs.state.${job.state}`) })}{changed > 0 ? ` · ${t('design.changed', { count: changed })}` : ''}</span>;
}

/** A newer revision exists: nothing is overwritten until one of the two is chosen. Not modal. */
function Conflict() {
  const { t } = useTranslation();
  const { design, saver } = useWorkbench();
  const state = useSaves((saves) => saves.state);
  if (state.kind !== 'conflict') return null;
  const take = (): void => {
    const decoded = decodeDocument(state.document);
    if (!decoded.ok) return;
    const document: JobDocument = decoded.document;
    saver.takeNewer(state.revision, document);
    design.getState().load(document);
  };
  return (
    <div className="tm-conflict" role="status">
      <IconAlertTriangle size={16} aria-hidden /><span className="tm-grow">{t('design.conflict.text')}</span>
      <Button size="xs" onClick={take}>{t('design.conflict.take')}</Button>
      <Button size="xs" onClick={() => saver.keepMine()}>{t('design.conflict.keep')}</Button>
    </div>
  );
}

function UndoButtons() {
  const { t } = useTranslation();
  const gestures = useGestures();
  const history = useDesign((state) => state.history);
  const undo = undoName(history);
  const redo = redoName(history);
  const undoLabel = undo === null ? t('common.undo') : t('design.undo.undo', { action: t(`design.command.${undo.kind}`) });
  const redoLabel = redo === null ? t('design.undo.redoPlain') : t('design.undo.redo', { action: t(`design.command.${redo.kind}`) });
  return (
    <span className="tm-row tm-undo">
      <Tooltip label={`${undoLabel} (Ctrl Z)`}><ActionIcon aria-label={undoLabel} disabled={undo === null} onClick={() => gestures.undo()}><IconArrowBackUp size={16} stroke={1.6} /></ActionIcon></Tooltip>
      <Tooltip label={`${redoLabel} (Ctrl Y)`}><ActionIcon aria-label={redoLabel} disabled={redo === null} onClick={() => gestures.redo()}><IconArrowForwardUp size={16} stroke={1.6} /></ActionIcon></Tooltip>
    </span>
  );
}

function Deploy({ project, onProblems, onTest }: { project: Project; onProblems: () => void; onTest: () => void }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { saver } = useWorkbench();
  const navigate = useNavigate();
  const document = useDesign((state) => state.document);
  const errors = useDesign((state) => state.issues.filter((issue) => issue.severity === 'error').length);
  const conflict = useSaves((saves) => saves.state.kind === 'conflict');
  const [revision, setRevision] = useState<number | null>(null);
  const blocked = errors > 0 || conflict;
  const why = conflict ? t('design.deploy.conflict') : t('design.deploy.fix', { count: errors });
  const start = async (): Promise<void> => { await saver.flush(); setRevision(saver.revision); };
  return (
    <>
      {blocked && <button type="button" className="tm-state tm-deploy-why" data-hue={conflict ? 'amber' : 'red'} id="deploy-why" onClick={onProblems}><IconAlertCircle aria-hidden /><span>{why}</span></button>}
      <Button leftSection={<IconPlayerPlay size={14} aria-hidden />} className="tm-test-button" onClick={onTest}>{t('design.dock.test')}</Button>
      <Button variant={blocked ? 'default' : 'filled'} leftSection={<IconRocket size={14} aria-hidden />} disabled={blocked} aria-describedby={blocked ? 'deploy-why' : undefined} title={blocked ? why : undefined} onClick={() => void start()}>{t('design.deploy.deploy')}</Button>
      {revision !== null && <DeployDialog projectId={project.id} name={displayName(document, language)} revision={revision} close={() => setRevision(null)} started={(job) => { setRevision(null); void navigate({ to: '/projects/$projectId/live', params: { projectId: project.id }, search: { job: job.id } }); }} />}
    </>
  );
}

/** Undo and redo work everywhere on the page but in a field, which has its own. */
function useUndoKeys(): void {
  const gestures = useGestures();
  useEffect(() => {
    const onKey = (event: globalThis.KeyboardEvent): void => {
      if (!(event.ctrlKey || event.metaKey) || event.altKey || isTyping(event.target)) return;
      const key = event.key.toLowerCase();
      if (key === 'z' && !event.shiftKey) { event.preventDefault(); gestures.undo(); } else if (key === 'y' || (key === 'z' && event.shiftKey)) { event.preventDefault(); gestures.redo(); }
    };
    globalThis.addEventListener('keydown', onKey);
    return () => globalThis.removeEventListener('keydown', onKey);
  }, [gestures]);
}

/** The clipboard's own events: they work across tabs and need no permission. */
function useClipboard(): void {
  const gestures = useGestures();
  useEffect(() => {
    const copy = (event: ClipboardEvent): void => {
      if (isTyping(event.target) || (globalThis.getSelection()?.toString() ?? '') !== '') return;
      const text = gestures.copyText();
      if (text === null) return;
      event.clipboardData?.setData('text/plain', text);
      event.preventDefault();
      if (event.type === 'cut') gestures.deleteSelected();
    };
    const paste = (event: ClipboardEvent): void => {
      if (isTyping(event.target) || globalThis.document.querySelector('[role="dialog"]') !== null) return;
      const text = event.clipboardData?.getData('text/plain') ?? '';
      if (text !== '' && gestures.paste(text, null)) event.preventDefault();
    };
    globalThis.document.addEventListener('copy', copy);
    globalThis.document.addEventListener('cut', copy);
    globalThis.document.addEventListener('paste', paste);
    return () => { globalThis.document.removeEventListener('copy', copy); globalThis.document.removeEventListener('cut', copy); globalThis.document.removeEventListener('paste', paste); };
  }, [gestures]);
}

