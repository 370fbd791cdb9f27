/** Fields of a stage, of a stage that must not come, and of a group. */
import { ActionIcon, Button, Collapse, Select, TextInput } from '@mantine/core';
import { IconBan, IconChevronRight, IconX } from '@tabler/icons-react';
import { type Level, greedyRefusal } from '@tidemark/editor';
import { type AtomicNode, type CompositeNode, type PatternEdge, type PatternNode, durationMs } from '@tidemark/pattern';
import { useId, useMemo, useState } from 'react';
import { useTranslation } from 'react-i18next';
import { runsOf } from '../canvas/chain.ts';
import { toDuration } from '../canvas/duration.ts';
import { LinkGlyph } from '../canvas/glyphs.tsx';
import { scopeOf } from '../canvas/condition-words.ts';
import { displayName } from '../canvas/words.ts';
import { currentLanguage } from '../i18n/index.ts';
import { usePattern, useSample, useShown, useWorkbench } from '../store/context.tsx';
import { newId } from '../pages/design/new-id.ts';
import { ConditionEditor } from './condition-editor.tsx';
import { DurationInput } from './duration-input.tsx';
import { WaitsFor } from './explanation.tsx';
import { HowMany } from './how-many.tsx';
import { renameCommands } from './naming.ts';
import { SampleMeets } from './sample-meets.tsx';

export function NameField({ node }: { node: PatternNode }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { design } = useWorkbench();
  const pattern = usePattern();
  const shown = displayName(node, language);
  const [text, setText] = useState<string | null>(null);
  const typed = text ?? shown;
  const outcome = renameCommands(pattern, node, typed, language);
  const commit = (): void => {
    setText(null);
    if (outcome.ok && outcome.commands.length > 0) design.getState().executeAll(outcome.commands);
  };
  return (
    <Field label={t('design.inspector.name')}>{(id) => (
      <TextInput id={id} value={typed} error={outcome.ok ? undefined : t(`design.naming.${outcome.reason}`)} spellCheck={false}
                 onChange={(event) => setText(event.currentTarget.value)} onBlur={commit}
                 onKeyDown={(event) => { if (event.key === 'Enter') commit(); else if (event.key === 'Escape') setText(null); }} />
    )}</Field>
  );
}

/** A label on the left, its control on the right. */
export function Field({ label, children }: { label: string; children: (id: string) => React.ReactNode }) {
  const id = useId();
  return <div className="tm-field"><label htmlFor={id}>{label}</label><div className="tm-grow">{children(id)}</div></div>;
}

/** The link that leads here: its kind, and what must not come before. */
function Comes({ node, level, edge }: { node: PatternNode; level: Level; edge: PatternEdge | null }) {
  const { t } = useTranslation();
  const language = currentLanguage();
  const { design } = useWorkbench();
  const pattern = usePattern();
  const step = useMemo(() => runsOf({ nodes: level.nodes, edges: level.edges }).flatMap((run) => run.steps).find((candidate) => candidate.node.id === node.id), [level, node.id]);
  if (edge === null) return <Field label={t('design.inspector.comes')}>{(id) => <p id={id} className="tm-field-text">{t('design.inspector.first')}</p>}</Field>;
  const gates = step?.gates ?? [];
  const before = gates[0]?.edge.source ?? edge.source;
  const types = ['STRICT', 'SKIP_TILL_NEXT', 'SKIP_TILL_ANY'] as const;
  return (
    <>
      <Field label={t('design.inspector.comes')}>{(id) => (
        <Select id={id} value={edge.type} data={types.map((type) => ({ value: type, label: t(`design.link.${type}`) }))} leftSection={<LinkGlyph type={edge.type} width={30} />} leftSectionWidth={42}
                renderOption={({ option }) => <span className="tm-row"><LinkGlyph type={option.value as PatternEdge['type']} /><span>{option.label}</span></span>}
                onChange={(type) => { if (type !== null) design.getState().execute({ kind: 'set-link', patternId: pattern.id, source: edge.source, target: edge.target, type: type as PatternEdge['type'] }); }} />
      )}</Field>
      <div className="tm-field">
        <span />
        <div className="tm-grow tm-gates">
          {gates.map((gate) => (
            <div key={gate.node.id} className="tm-row">
              <button type="button" className="tm-gate-chip" onClick={() => design.getState().select(gate.node.id)}><IconBan size={13} stroke={1.8} aria-hidden />{t(`design.link.${gate.edge.type === 'NOT_NEXT' ? 'NOT_NEXT' : 'NOT_FOLLOW'}`)} <b>{displayName(gate.node, language)}</b></button>
              <ActionIcon size={24} aria-label={t('design.inspector.removeGate', { name: displayName(gate.node, language) })} onClick={() => design.getState().execute({ kind: 'delete', patternId: pattern.id, ids: [gate.node.id] })}><IconX size={13} /></ActionIcon>
            </div>
          ))}
          <AddGate source={gates.at(-1)?.node.id ?? before} label={t('design.inspector.addGate')} />
        </div>
      </div>
    </>
  );
}

function AddGate({ source, label }: { source: string; label: string }) {
  const { design } = useWorkbench();
  const pattern = usePattern();
  const { t } = useTranslation();
  const add = (): void => {
    const id = newId(pattern);
    design.getState().execute({ kind: 'add-gate', patternId: pattern.id, gate: { id }, source });
    design.getState().select(id);
  };
  return <Button size="xs" variant="subtle" leftSection={<IconBan size={13} stroke={1.8} aria-hidden />} title={t('design.palette.notHint')} onClick={add}>{label}</Button>;
}

function Condition({ node, title }: { node: AtomicNode; title: string }) {
  const language = currentLanguage();
  const { design } = useWorkbench();
  const pattern = usePattern();
  const document = useShown();
  const status = useSample((state) => state.status);
  const scope = useMemo(() => scopeOf(document), [document]);
  const statistics = status.kind === 'ready' ? status.loaded : null;
  const earlier = useEarlier(node.id, language);
  return (
    <ConditionEditor title={title} value={node.condition?.expression ?? ''} scope={scope} statistics={statistics} earlier={earlier}
                     onChange={(text) => design.getState().execute({ kind: 'set-condition', patternId: pattern.id, id: node.id, expression: text }, `condition:${node.id}`)}
                     onBlur={() => design.getState().endGroup()} />
  );
}

/** Stages before one, in reading order: what its condition may compare with. */
function useEarlier(id: string, language: 'en' | 'zh'): readonly { readonly name: string; readonly label: string }[] {
  const pattern = usePattern();
  return useMemo(() => {
    const found: { name: string; label: string }[] = [];
    const visit = (at: { nodes: readonly PatternNode[]; edges: readonly PatternEdge[] }): boolean => {
      for (const run of runsOf(at)) for (const step of run.steps) {
        if (step.gates.some((gate) => gate.node.id === id) || step.node.id === id) return true;
        if (step.node.type === 'COMPOSITE') { if (visit(step.node)) return true; } else found.push({ name: step.node.name, label: displayName(step.node, language) });
      }
      return false;
    };
    visit(pattern);
    return found;
  }, [pattern, id, language]);
}

export function StageInspector({ node, level, edge }: { node: AtomicNode; level: Level; edge: PatternEdge | null }) {
  const { t } = useTranslation();
  return (
    <>
      <section className="tm-section">
        <NameField node={node} />
        <Comes node={node} level={level} edge={edge} />
        <Many node={node} level={level} />
      </section>
      <section className="tm-section"><Condition node={node} title={t('design.condition.title')} /></section>
      <section className="tm-section"><SampleMeets node={node} /></section>
      <WaitsFor id={node.id} />
      <Advanced node={node} level={level} edge={edge} />
    </>
  );
}

function Many({ node, level }: { node: PatternNode; level: Level }) {
  const { t } = useTranslation();
  const { design } = useWorkbench();
  const pattern = usePattern();
  const refusal = greedyRefusal(level, node.id);
  return (
    <Field label={t('design.inspector.howMany')}>{() => (
      <HowMany quantifier={node.quantifier} withGreedy={node.type === 'ATOMIC'} greedyRefused={refusal === null ? null : t(`design.greedy.${refusal}`)}
               onChange={(quantifier) => design.getState().execute({ kind: 'set-quantifier', patternId: pattern.id, id: node.id, quantifier }, `quantifier:${node.id}`)} />
    )}</Field>
  );
}

export function GateInspector({ node, edge }: { node: AtomicNode; edge: PatternEdge }) {
  const { t } = useTranslation();
  const { design } = useWorkbench();
  const pattern = usePattern();
  return (
    <>
      <section className="tm-section">
        <NameField node={node} />
        <Field label={t('design.inspector.mustNot')}>{(id) => (
          <Select id={id} value={edge.type} data={[{ value: 'NOT_FOLLOW', label: t('design.inspector.notInBetween') }, { value: 'NOT_NEXT', label: t('design.inspector.notRightAfter') }]}
                  onChange={(type) => { if (type !== null) design.getState().execute({ kind: 'set-link', patternId: pattern.id, source: edge.source, target: edge.target, type: type as PatternEdge['type'] }); }} />
        )}</Field>
      </section>
      <section className="tm-section"><Condition node={node} title={t('design.condition.title')} /></section>
      <section className="tm-section"><SampleMeets node={node} /></section>
      <WaitsFor id={node.id} />
      <Advanced node={node} level={null} edge={edge} />
    </>
  );
}

export function GroupInspector({ node, level, edge }: { node: CompositeNode; level: Level; edge: PatternEdge | null }) {
  return (
    <section className="tm-section">
      <NameField node={node} />
      <Comes node={node} level={level} edge={edge} />
      <Many node={node} level={level} />
    </section>
  );
}

/** What most rules never need: contiguity inside a loop, its stop condition, a window of the step, the name in conditions. */
function Advanced({ node, level, edge }: { node: AtomicNode; level: Level | null; edge: PatternEdge | null }) {
  const { t } = useTranslation();
  const { design } = useWorkbench();
  const pattern = usePattern();
  const document = useShown();
  const { quantifier } = node;
  const looping = quantifier.properties.includes('LOOPING');
  const repeats = looping || quantifier.properties.includes('TIMES');
  const used = quantifier.consumingStrategy !== 'SKIP_TILL_NEXT' || quantifier.untilCondition !== null || node.window !== null;
  const [open, setOpen] = useState(used);
  const scope = useMemo(() => scopeOf(document), [document]);
  const id = useId();
  const [name, setName] = useState<string | null>(null);
  const commitName = (): void => {
    if (name !== null && name.trim() !== '' && name.trim() !== node.name) design.getState().execute({ kind: 'rename', patternId: pattern.id, id: node.id, name: name.trim() });
    setName(null);
  };
  return (
    <section className="tm-section tm-advanced">
      <button type="button" className="tm-advanced-head" aria-expanded={open} aria-controls={id} onClick={() => setOpen(!open)}>
        <IconChevronRight size={14} data-open={open || undefined} aria-hidden /><b>{t('design.advanced.title')}</b><span className="tm-mute">{t(level === null ? 'design.advanced.gateContents' : 'design.advanced.contents')}</span>
      </button>
      <Collapse expanded={open} id={id} transitionDuration={120}>
        <div className="tm-advanced-body">
          {level !== null && repeats && (
            <Field label={t('design.advanced.inner')}>{(field) => (
              <Select id={field} value={quantifier.consumingStrategy} data={[{ value: 'SKIP_TILL_NEXT', label: t('design.advanced.relaxed') }, { value: 'STRICT', label: t('design.repeat.inARow') }, { value: 'SKIP_TILL_ANY', label: t('design.repeat.anyCombination') }]}
                      onChange={(value) => { if (value !== null) design.getState().execute({ kind: 'set-quantifier', patternId: pattern.id, id: node.id, quantifier: { ...quantifier, consumingStrategy: value as typeof quantifier.consumingStrategy } }); }} />
            )}</Field>
          )}
          {level !== null && looping && (
            <ConditionEditor title={t('design.advanced.until')} value={quantifier.untilCondition?.expression ?? ''} scope={scope} statistics={null} earlier={[]}
                             onChange={(text) => design.getState().execute({ kind: 'set-until', patternId: pattern.id, id: node.id, expression: text }, `until:${node.id}`)} onBlur={() => design.getState().endGroup()} />
          )}
          {level !== null && edge !== null && !repeats && (
            <Field label={t('design.advanced.stageWindow')}>{() => (
              <DurationInput label={t('design.advanced.stageWindow')} hideLabel optional value={node.window === null ? null : durationMs(node.window.time)} placeholder={t('design.advanced.noStageWindow')}
                             onChange={(ms) => design.getState().execute({ kind: 'set-stage-window', patternId: pattern.id, id: node.id, window: ms === null ? null : { type: 'PREVIOUS_AND_CURRENT', time: toDuration(ms) } })} />
            )}</Field>
          )}
          <Field label={t('design.advanced.celName')}>{(field) => (
            <TextInput id={field} className="tm-mono-input" value={name ?? node.name} spellCheck={false} onChange={(event) => setName(event.currentTarget.value)} onBlur={commitName}
                       description={t('design.advanced.celNameHint')} inputWrapperOrder={['input', 'description', 'error']} onKeyDown={(event) => { if (event.key === 'Enter') commitName(); else if (event.key === 'Escape') setName(null); }} />
          )}</Field>
        </div>
      </Collapse>
    </section>
  );
}

