/**
 * What the page can do with the drawing, each by one name: palette, menus, keys and the outline call the same gestures.
 * Always  a gesture is one entry of the history; what it made is selected; what happened is announced.
 */
import { Button } from '@mantine/core';
import { notifications } from '@mantine/notifications';
import { type Command, type ConnectRefusal, type Fragment, type Point, canAddGate, canConnect, canGroup, copyFragment, find, fragmentIds, fragmentOf, fragmentText, newPatternId } from '@tidemark/editor';
import { type JobDocument, type PatternGraph, decodeDocument, identifierLike } from '@tidemark/pattern';
import type { TFunction } from 'i18next';
import { createContext, useContext, useMemo } from 'react';
import { useTranslation } from 'react-i18next';
import { allNodes, levelOf, runsOf } from '../../canvas/chain.ts';
import { displayName } from '../../canvas/words.ts';
import { type Language, currentLanguage } from '../../i18n/index.ts';
import { raisedText } from '../../i18n/issue-text.ts';
import { notifyNews } from '../../shell/notify.ts';
import { useWorkbench } from '../../store/context.tsx';
import { type DesignStore, patternOfState } from '../../store/design-store.ts';
import { newId } from './new-id.ts';

export type PaletteItem = 'event' | 'not' | 'group';

export interface NewStageIdea { readonly condition?: string; readonly name?: string }

export class Gestures {
  readonly #store: DesignStore;
  readonly #t: TFunction;
  readonly #language: Language;

  constructor(store: DesignStore, t: TFunction, language: Language) {
    this.#store = store;
    this.#t = t;
    this.#language = language;
  }

  get #pattern(): PatternGraph | null { return patternOfState(this.#store.getState()); }
  get #selected(): readonly string[] { return [...this.#store.getState().selected].filter((id) => !id.startsWith('link:') && !id.startsWith('@')); }

  /** The stage behind which something new goes: the selected one, else the last of the chain. */
  anchor(): string | null {
    const selected = this.#selected.at(-1);
    const pattern = this.#pattern;
    if (pattern === null) return null;
    if (selected !== undefined && find(pattern, selected) !== null) return selected;
    return this.last();
  }

  /** The last step of the main chain, absences at its end included. */
  last(): string | null {
    const pattern = this.#pattern;
    const run = pattern === null ? undefined : runsOf(pattern)[0];
    return run?.trailing.at(-1)?.node.id ?? run?.steps.at(-1)?.node.id ?? null;
  }

  /** Adds from the palette: behind the anchor. Answers the id of what is new. */
  append(item: PaletteItem, idea: NewStageIdea = {}): string | null {
    if (item === 'not') return this.addGate(this.anchor());
    if (item === 'group') return this.newGroup();
    return this.addStage(this.anchor(), idea);
  }

  addStage(after: string | null, idea: NewStageIdea = {}, at?: Point): string | null {
    const pattern = this.#pattern;
    if (pattern === null) return null;
    const id = newId(pattern);
    const linked = after ?? this.last();
    this.#run({ kind: 'add-stage', patternId: pattern.id, stage: this.#stage(id, idea), after: linked, ...(at === undefined ? {} : { at }) }, id);
    return id;
  }

  placeStage(at: Point, idea: NewStageIdea = {}): string | null {
    const pattern = this.#pattern;
    if (pattern === null) return null;
    const id = newId(pattern);
    this.#run({ kind: 'place-stage', patternId: pattern.id, stage: this.#stage(id, idea), at }, id);
    return id;
  }

  insertOnLink(source: string, target: string, idea: NewStageIdea = {}): string | null {
    const pattern = this.#pattern;
    if (pattern === null) return null;
    const id = newId(pattern);
    this.#run({ kind: 'insert-stage', patternId: pattern.id, stage: this.#stage(id, idea), link: { source, target } }, id);
    return id;
  }

  addGate(source: string | null): string | null {
    const pattern = this.#pattern;
    if (pattern === null || source === null) { this.#refused(this.#t('design.refused.gateNeedsStage')); return null; }
    const allowed = canAddGate(this.#store.getState().document, pattern.id, source);
    if (!allowed.ok) { this.#refused(this.#t(`design.refused.${allowed.reason}`)); return null; }
    const id = newId(pattern);
    this.#run({ kind: 'add-gate', patternId: pattern.id, gate: { id }, source }, id);
    return id;
  }

  /** The selected stages as a group; nothing selected: a group with one new stage. */
  newGroup(): string | null {
    const pattern = this.#pattern;
    if (pattern === null) return null;
    if (this.#selected.length > 0 && this.mayGroup() === null) return this.group();
    const stage = newId(pattern);
    const id = newId(pattern);
    const { executeAll, select, announce } = this.#store.getState();
    executeAll([
      { kind: 'add-stage', patternId: pattern.id, stage: { id: stage }, after: this.last() },
      { kind: 'wrap-group', patternId: pattern.id, ids: [stage], group: { id, name: this.#t('design.newGroup') } },
    ]);
    select(id);
    announce(this.#t('design.announce.added', { name: this.#nameOf(id) }));
    return id;
  }

  /** null = the selection may be grouped; else why not, in words. */
  mayGroup(): string | null {
    const pattern = this.#pattern;
    const ids = this.#selected;
    if (pattern === null || ids.length === 0) return this.#t('design.refused.nothing-selected');
    const allowed = canGroup(this.#store.getState().document, pattern.id, ids);
    return allowed.ok ? null : this.#t(`design.refused.${allowed.reason}`);
  }

  group(): string | null {
    const pattern = this.#pattern;
    const refusal = this.mayGroup();
    if (pattern === null || refusal !== null) { if (refusal !== null) this.#refused(refusal); return null; }
    const id = newId(pattern);
    this.#run({ kind: 'wrap-group', patternId: pattern.id, ids: this.#selected, group: { id, name: this.#t('design.newGroup') } }, id);
    return id;
  }

  ungroup(): void {
    const pattern = this.#pattern;
    const [id] = this.#selected;
    if (pattern === null || id === undefined) return;
    const node = find(pattern, id)?.node;
    if (node?.type !== 'COMPOSITE') return;
    const inside = node.nodes.map((child) => child.id);
    this.#store.getState().execute({ kind: 'unwrap-group', patternId: pattern.id, id });
    this.#store.getState().selectAll(inside);
  }

  /** null = the link may be made; else why not, in words. */
  mayConnect(source: string, target: string): string | null {
    const pattern = this.#pattern;
    if (pattern === null) return null;
    const allowed = canConnect(this.#store.getState().document, pattern.id, source, target);
    return allowed.ok ? null : this.refusalWords(allowed.reason, source, target);
  }

  refusalWords(reason: ConnectRefusal, source: string, target: string): string {
    return this.#t(`design.refused.${reason}`, { a: this.#nameOf(source), b: this.#nameOf(target) });
  }

  connect(source: string, target: string): boolean {
    const pattern = this.#pattern;
    if (pattern === null) return false;
    const state = this.#store.getState();
    const allowed = canConnect(state.document, pattern.id, source, target);
    if (!allowed.ok) { this.#refused(this.refusalWords(allowed.reason, source, target)); return false; }
    state.execute({ kind: 'connect', patternId: pattern.id, source, target });
    state.select(`link:${source}>${target}`);
    // a stage has one link in and one out: what gave way is said, and comes back with one press
    if (allowed.replaces.length > 0) this.#undoToast(this.#t('design.replacedLink', { links: allowed.replaces.map((edge) => `${this.#nameOf(edge.source)} → ${this.#nameOf(edge.target)}`).join(this.#t('design.listSeparator')) }));
    state.announce(this.#t('design.announce.connected', { a: this.#nameOf(source), b: this.#nameOf(target) }));
    return true;
  }

  setLink(source: string, target: string, type: 'STRICT' | 'SKIP_TILL_NEXT' | 'SKIP_TILL_ANY'): void {
    const pattern = this.#pattern;
    if (pattern === null) return;
    this.#store.getState().execute({ kind: 'set-link', patternId: pattern.id, source, target, type });
    this.#store.getState().announce(this.#t(`design.link.${type}`));
  }

  /** Keys 1, 2, 3: on a selected link, or the link that leads to a selected stage. */
  setSelectedLink(type: 'STRICT' | 'SKIP_TILL_NEXT' | 'SKIP_TILL_ANY'): void {
    const pattern = this.#pattern;
    const [only] = [...this.#store.getState().selected];
    if (pattern === null || only === undefined) return;
    const [source, target] = only.startsWith('link:') ? only.slice('link:'.length).split('>') : [levelOf(pattern, only)?.level.edges.find((edge) => edge.target === only)?.source, only];
    if (source !== undefined && target !== undefined) this.setLink(source, target, type);
  }

  deleteSelected(): void {
    const pattern = this.#pattern;
    const selected = [...this.#store.getState().selected];
    if (pattern === null || selected.length === 0) return;
    const [only] = selected;
    if (only?.startsWith('link:') === true) {
      const [source = '', target = ''] = only.slice('link:'.length).split('>');
      this.#store.getState().execute({ kind: 'delete-link', patternId: pattern.id, source, target });
      this.#undoToast(this.#t('design.deleted.link'));
      return;
    }
    this.delete(this.#selected);
  }

  delete(ids: readonly string[]): void {
    const pattern = this.#pattern;
    if (pattern === null || ids.length === 0) return;
    const run = runsOf(pattern)[0];
    const at = run?.steps.findIndex((step) => ids.includes(step.node.id)) ?? -1;
    const name = ids.length === 1 ? this.#nameOf(ids[0] as string) : '';
    this.#store.getState().execute({ kind: 'delete', patternId: pattern.id, ids });
    // the stage before is the natural next place for somebody who deletes by keyboard
    const before = at > 0 ? run?.steps[at - 1]?.node.id : undefined;
    this.#store.getState().select(before !== undefined && !ids.includes(before) ? before : null);
    this.#undoToast(ids.length === 1 ? this.#t('design.deleted.one', { name }) : this.#t('design.deleted.stages', { count: ids.length }));
  }

  duplicate(): void {
    const fragment = this.#fragment();
    if (fragment !== null) this.#paste(fragment, this.#selected.at(-1) ?? null, null);
  }

  /** Text of the selected stages for the clipboard; null = nothing to copy. */
  copyText(): string | null {
    const fragment = this.#fragment();
    return fragment === null ? null : fragmentText(fragment);
  }

  /** Text from the clipboard or from a dropped file: stages, or a whole document. Answers whether it was taken. */
  paste(text: string, at: Point | null): boolean {
    const fragment = fragmentOf(text);
    if (fragment !== null) { this.#paste(fragment, at === null ? this.anchor() : null, at); return true; }
    if (!/^\s*[{[]/.test(text)) return false;
    return this.import(text);
  }

  import(text: string): boolean {
    const decoded = decodeDocument(text);
    if (!decoded.ok) {
      const [issue] = decoded.issues;
      if (issue !== undefined) this.#refused(raisedText(issue, this.#language).message, decoded.issues.length > 1 ? this.#t('design.import.more', { count: decoded.issues.length - 1 }) : undefined);
      return false;
    }
    this.replace(decoded.document);
    notifyNews(this.#t('design.import.done', { name: decoded.document.name }));
    return true;
  }

  /** A document from elsewhere in place of this one. It keeps this draft's id: ids of matches hang on it. */
  replace(document: JobDocument): void {
    const { document: old, execute } = this.#store.getState();
    execute({ kind: 'replace-document', document: { ...document, id: old.id } });
  }

  /** A new, empty pattern beside the one on the page; it is shown. */
  addPattern(): void {
    const { document, patternId, execute, showPattern, announce } = this.#store.getState();
    const id = newPatternId(document);
    const name = this.#t('design.patterns.new', { n: document.patterns.length + 1 });
    execute({ kind: 'add-pattern', pattern: { id, name }, ...(patternId === null ? {} : { like: patternId }) });
    showPattern(id);
    announce(this.#t('design.patterns.added', { name }));
  }

  deletePattern(): void {
    const pattern = this.#pattern;
    const { document, execute, announce } = this.#store.getState();
    if (pattern === null || document.patterns.length < 2) return;
    execute({ kind: 'delete-pattern', patternId: pattern.id });
    const message = this.#t('design.patterns.removed', { name: displayName(pattern, this.#language) });
    announce(message);
    this.#undoToast(message);
  }

  renamePattern(name: string): void {
    const pattern = this.#pattern;
    const wanted = name.trim().slice(0, 200);
    if (pattern === null || wanted === '' || wanted === displayName(pattern, this.#language)) return;
    // without labels the name is what is shown
    const label = pattern.label === undefined ? {} : { label: { ...pattern.label, [this.#language]: wanted } };
    this.#store.getState().execute({ kind: 'rename-pattern', patternId: pattern.id, name: wanted, ...label });
  }

  tidy(): void {
    const pattern = this.#pattern;
    if (pattern === null) return;
    this.#store.getState().execute({ kind: 'tidy', patternId: pattern.id, ids: this.#selected.length > 0 ? this.#selected : null });
  }

  toggleGroup(id: string): void {
    const pattern = this.#pattern;
    if (pattern === null) return;
    const { document, execute } = this.#store.getState();
    execute({ kind: 'collapse-group', patternId: pattern.id, id, collapsed: document.layout[pattern.id]?.[id]?.collapsed !== true });
  }

  undo(): void { this.#store.getState().undo(); }
  redo(): void { this.#store.getState().redo(); }

  #stage(id: string, { condition, name }: NewStageIdea) {
    const pattern = this.#pattern;
    const taken = new Set(pattern === null ? [] : [...allNodes(pattern)].map((node) => node.name));
    return { id, ...(condition === undefined ? {} : { condition }), ...(name === undefined ? {} : { name: identifierLike(name, taken) }) };
  }

  #fragment(): Fragment | null {
    const pattern = this.#pattern;
    return pattern === null || this.#selected.length === 0 ? null : copyFragment(this.#store.getState().document, pattern.id, this.#selected);
  }

  #paste(fragment: Fragment, after: string | null, at: Point | null): void {
    const pattern = this.#pattern;
    if (pattern === null) return;
    const ids = Object.fromEntries(fragmentIds(fragment).map((id) => [id, newId(pattern)]));
    const state = this.#store.getState();
    state.execute({ kind: 'paste', patternId: pattern.id, fragment: { ...fragment, positions: at === null ? {} : fragment.positions }, ids, after, at });
    state.selectAll(fragment.nodes.flatMap((node) => ids[node.id] ?? []));
    state.announce(this.#t('design.announce.pasted', { count: fragment.nodes.length }));
  }

  #run(command: Command, created: string): void {
    const state = this.#store.getState();
    state.execute(command);
    state.select(created);
    state.announce(this.#t('design.announce.added', { name: this.#nameOf(created) }));
  }

  #nameOf(id: string): string {
    const pattern = this.#pattern;
    const node = pattern === null ? undefined : levelOf(pattern, id)?.node;
    return node === undefined ? '' : displayName(node, this.#language);
  }

  #refused(message: string, more?: string): void {
    this.#store.getState().announce(message);
    notifications.show({ message: more === undefined ? message : `${message} ${more}`, color: 'amber', role: 'alert', withBorder: true, autoClose: 8_000 });
  }

  #undoToast(message: string): void {
    const { history } = this.#store.getState();
    const id = `deleted-${history.past.length}-${Date.now()}`;
    const undo = (): void => { if (this.#store.getState().history.past.at(-1) === history.past.at(-1)) this.undo(); notifications.hide(id); };
    notifications.show({
      id, role: 'status', withBorder: true, autoClose: 8_000,
      message: <span className="tm-row"><span className="tm-grow">{message}</span><Button size="xs" variant="subtle" onClick={undo}>{this.#t('common.undo')}</Button></span>,
    });
  }
}

export const GesturesContext = createContext<Gestures | null>(null);
export function useGestures(): Gestures {
  const gestures = useContext(GesturesContext);
  if (gestures === null) throw new Error('no gestures here');
  return gestures;
}

export function useNewGestures(): Gestures {
  const { design } = useWorkbench();
  const { t } = useTranslation();
  const language = currentLanguage();
  return useMemo(() => new Gestures(design, t, language), [design, t, language]);
}
