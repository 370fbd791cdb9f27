/**
 * CEL as text: completion from the schema, the stages and the sample, what is wrong underlined as it is typed.
 *
 * Always  tells every change at once; Tab moves the focus on, as everywhere else on the page.
 * Not here: what is right (packages/condition). This file is loaded when the first editor is shown.
 */
import { type Completion as EditorCompletion, type CompletionContext, type CompletionResult, autocompletion, closeBrackets, closeBracketsKeymap, completionKeymap, startCompletion } from '@codemirror/autocomplete';
import { defaultKeymap, history, historyKeymap } from '@codemirror/commands';
import { type Diagnostic, linter } from '@codemirror/lint';
import { EditorState } from '@codemirror/state';
import { Decoration, EditorView, MatchDecorator, ViewPlugin, type ViewUpdate, keymap, placeholder as placeholderText } from '@codemirror/view';
import { type ColumnStatistics, type ConditionIssue, type ConditionScope, completions } from '@tidemark/condition';
import { useEffect, useRef } from 'react';
import type { Language } from '../i18n/index.ts';
import { styleNonce } from '../theme/mantine.ts';

export interface CelEditorProps {
  readonly value: string;
  readonly onChange: (text: string) => void;
  /** Ends a group of changes: what was typed until here is one entry of the history. */
  readonly onBlur?: () => void;
  readonly scope: ConditionScope;
  readonly statistics: ColumnStatistics | null;
  /** Checks the whole text; offsets are into it. */
  readonly check: (text: string) => readonly { readonly issue: ConditionIssue; readonly severity: 'error' | 'warning' }[];
  readonly messageOf: (issue: ConditionIssue) => string;
  readonly language: Language;
  readonly label: string;
  readonly placeholder?: string;
  /** Text with {cel} placeholders: completion only inside of them. */
  readonly template?: boolean;
  readonly invalid?: boolean;
}

const marks = new MatchDecorator({
  regexp: /'(?:[^'\\]|\\.)*'|"(?:[^"\\]|\\.)*"|\b\d+(?:\.\d+)?\b|&&|\|\|/g,
  decoration: (match) => Decoration.mark({ class: /^['"]/.test(match[0]) ? 'tm-cel-text' : /^\d/.test(match[0]) ? 'tm-cel-number' : 'tm-cel-join' }),
});
const highlighting = ViewPlugin.fromClass(class {
  decorations;
  constructor(view: EditorView) { this.decorations = marks.createDeco(view); }
  update(update: ViewUpdate): void { this.decorations = marks.updateDeco(update, this.decorations); }
}, { decorations: (plugin) => plugin.decorations });

export function CelEditor(props: CelEditorProps) {
  const host = useRef<HTMLDivElement>(null);
  const view = useRef<EditorView | null>(null);
  const current = useRef(props);
  useEffect(() => { current.current = props; });

  useEffect(() => {
    if (host.current === null) return undefined;
    const first = current.current;
    const editor = new EditorView({
      parent: host.current,
      state: EditorState.create({
        doc: first.value,
        extensions: [
          history(), closeBrackets(), highlighting, EditorView.lineWrapping,
          autocompletion({ override: [(context) => complete(context, current.current)], icons: false, activateOnTyping: true, maxRenderedOptions: 60, tooltipClass: () => 'tm-cel-completions' }),
          linter((editorView) => diagnostics(editorView.state.doc.toString(), current.current), { delay: 150 }),
          keymap.of([...closeBracketsKeymap, ...completionKeymap, ...historyKeymap, ...defaultKeymap]),
          EditorView.contentAttributes.of({ 'aria-label': first.label, 'aria-multiline': 'true', spellcheck: 'false', autocorrect: 'off', autocapitalize: 'off' }),
          EditorView.cspNonce.of(styleNonce()),
          ...(first.placeholder === undefined ? [] : [placeholderText(first.placeholder)]),
          EditorView.updateListener.of((update) => { if (update.docChanged) current.current.onChange(update.state.doc.toString()); }),
          // an empty condition offers whole comparisons as soon as it is entered
          EditorView.domEventHandlers({
            focus: (_, editorView) => { if (editorView.state.doc.length === 0 && current.current.template !== true) setTimeout(() => startCompletion(editorView), 0); },
            blur: () => current.current.onBlur?.(),
          }),
        ],
      }),
    });
    view.current = editor;
    return () => { editor.destroy(); view.current = null; };
  }, []);

  // a change from elsewhere (undo, rows): the text is replaced, the cursor stays where it can
  useEffect(() => {
    const editor = view.current;
    if (editor === null || editor.state.doc.toString() === props.value) return;
    editor.dispatch({ changes: { from: 0, to: editor.state.doc.length, insert: props.value } });
  }, [props.value]);

  return <div ref={host} className="tm-cel" data-invalid={props.invalid || undefined} onKeyDown={(event) => event.stopPropagation()} />;
}

function complete(context: CompletionContext, props: CelEditorProps): CompletionResult | null {
  const text = context.state.doc.toString();
  const place = props.template === true ? placeholderAt(text, context.pos) : { text, from: 0 };
  if (place === null) return null;
  const found = completions(place.text, context.pos - place.from, props.scope, props.statistics ?? undefined);
  const first = found[0];
  if (!first) return null;
  const word = context.matchBefore(/[\w.'"[\]]*/);
  if (!context.explicit && word?.text === '' && context.pos > 0 && !/[\s(]$/.test(text.slice(0, context.pos))) return null;
  // "and", "or" behind what is complete only when asked for, or after a blank: they would cover what is said about it
  if (!context.explicit && found.every((entry) => entry.kind === 'operator') && !/\s$/.test(text.slice(0, context.pos))) return null;
  return {
    from: place.from + first.from, filter: false,
    options: found.map((entry, index): EditorCompletion => ({
      label: entry.label, boost: -index, type: entry.kind,
      ...(entry.count === null ? (entry.detail === null ? {} : { detail: entry.detail }) : { detail: String(entry.count) }),
      ...(entry.help === null ? {} : { info: entry.help[props.language] }),
      apply: (view: EditorView) => {
        view.dispatch({ changes: { from: place.from + entry.from, to: place.from + entry.to, insert: entry.insert }, selection: { anchor: place.from + entry.from + entry.insert.length - entry.cursorBack } });
        // after a field comes an operator: offer on
        if (entry.kind !== 'comparison' && entry.kind !== 'value') setTimeout(() => startCompletion(view), 0);
      },
    })),
  };
}

/** The CEL of the placeholder round `at`, without its braces. */
export function placeholderAt(text: string, at: number): { readonly text: string; readonly from: number } | null {
  const open = text.lastIndexOf('{', at - 1);
  if (open < 0 || text.slice(open, at).includes('}')) return null;
  const close = text.indexOf('}', at);
  return { text: text.slice(open + 1, close < 0 ? text.length : close), from: open + 1 };
}

function diagnostics(text: string, props: CelEditorProps): Diagnostic[] {
  return props.check(text).map(({ issue, severity }) => ({
    from: Math.min(issue.start, text.length), to: Math.min(Math.max(issue.end, issue.start + 1), Math.max(text.length, 0)), severity, message: props.messageOf(issue),
  }));
}
