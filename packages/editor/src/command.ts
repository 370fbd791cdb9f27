/**
 * Every edit of a drawing, as data. One command is one entry of the history (history.ts), one name in "Undo …".
 *
 * Always  ids of what is new come with the command (the editor asks no machine for randomness); a command that does
 *         not apply, because what it names is gone or the result could not be stored, changes nothing.
 * Not here: what is selected, zoomed or hovered; nothing of that is a command.
 */
import type { AfterMatch, JobDocument, Label, OutputSpec, PatternEdge, PatternNode, Quantifier, SourceSpec, TestCase, TieBreak, Window } from '@tidemark/pattern';

export interface Point { readonly x: number; readonly y: number }
/** A stage to be made; what is left out has its default. Without a name it is called stage1, stage2, … */
export interface NewStage {
  readonly id: string;
  readonly name?: string;
  readonly label?: Label;
  readonly condition?: string | null;
  readonly quantifier?: Quantifier;
}
/** Copied stages: whole nodes with the links among them, and where they stood. */
export interface Fragment {
  readonly nodes: readonly PatternNode[];
  readonly edges: readonly PatternEdge[];
  readonly positions: Readonly<Record<string, Point>>;
  /** Kind of the link that led to the first of them, if one did: a copied gate stays a gate. */
  readonly head: PatternEdge['type'] | null;
}
export type JobSettings = Partial<Pick<JobDocument, 'name' | 'label' | 'outOfOrdernessMs' | 'timeDomain' | 'idlenessMs' | 'parallelism' | 'maxParallelism' | 'checkpointing' | 'restart' | 'limits' | 'sink'>>;

type InPattern = { readonly patternId: string };
export type Command =
  // --- stages
  /** Behind a stage, group or gate of any level; `after` null = behind the last one of the pattern. The link to it is "then" unless said. */
  | InPattern & { readonly kind: 'add-stage'; readonly stage: NewStage; readonly after: string | null; readonly link?: PatternEdge['type']; readonly at?: Point }
  /** Connected with nothing. */
  | InPattern & { readonly kind: 'place-stage'; readonly stage: NewStage; readonly at: Point }
  /** On a link; the link behind it keeps the type. */
  | InPattern & { readonly kind: 'insert-stage'; readonly stage: NewStage; readonly link: Pick<PatternEdge, 'source' | 'target'>; readonly at?: Point }
  /** An absence: on the link from `source` to its successor, or behind the last stage. */
  | InPattern & { readonly kind: 'add-gate'; readonly gate: NewStage; readonly source: string; readonly type?: 'NOT_FOLLOW' | 'NOT_NEXT'; readonly at?: Point }
  /** Stages, groups and gates; neighbours are joined by the link that left. With a link go the gates on it. */
  | InPattern & { readonly kind: 'delete'; readonly ids: readonly string[] }
  /** To another place of the chain: onto a link, or (target null) behind `source`, or (source null) to the front. */
  | InPattern & { readonly kind: 'splice-stage'; readonly id: string; readonly source: string | null; readonly target: string | null }
  /** One place earlier or later in its level; gates stay where they are. */
  | InPattern & { readonly kind: 'reorder-stage'; readonly id: string; readonly by: -1 | 1 }
  | InPattern & { readonly kind: 'rename'; readonly id: string; readonly name: string }
  | InPattern & { readonly kind: 'set-label'; readonly id: string; readonly language: 'en' | 'zh'; readonly label: string | null }
  /** null or blank text = any event. */
  | InPattern & { readonly kind: 'set-condition'; readonly id: string; readonly expression: string | null }
  | InPattern & { readonly kind: 'set-quantifier'; readonly id: string; readonly quantifier: Quantifier }
  | InPattern & { readonly kind: 'set-until'; readonly id: string; readonly expression: string | null }
  | InPattern & { readonly kind: 'set-stage-window'; readonly id: string; readonly window: Window | null }
  // --- links
  | InPattern & { readonly kind: 'set-link'; readonly source: string; readonly target: string; readonly type: PatternEdge['type'] }
  /** Replaces the link that left `source` and the one that led to `target`. */
  | InPattern & { readonly kind: 'connect'; readonly source: string; readonly target: string; readonly type?: PatternEdge['type'] }
  | InPattern & { readonly kind: 'delete-link'; readonly source: string; readonly target: string }
  // --- groups
  | InPattern & { readonly kind: 'wrap-group'; readonly ids: readonly string[]; readonly group: { readonly id: string; readonly name?: string } }
  | InPattern & { readonly kind: 'unwrap-group'; readonly id: string }
  // --- pattern
  | InPattern & { readonly kind: 'set-window'; readonly window: Window | null }
  | InPattern & { readonly kind: 'set-key'; readonly fields: readonly string[] }
  | InPattern & { readonly kind: 'set-tie-break'; readonly tieBreak: readonly TieBreak[] }
  | InPattern & { readonly kind: 'set-skip'; readonly strategy: AfterMatch }
  | InPattern & { readonly kind: 'set-output'; readonly output: Partial<OutputSpec> }
  | InPattern & { readonly kind: 'set-advance-every-key'; readonly on: boolean }
  | InPattern & { readonly kind: 'rename-pattern'; readonly name: string; readonly label?: Label }
  /** Empty, behind the others, with the key of the pattern it stands beside (`like`), if one is named. */
  | { readonly kind: 'add-pattern'; readonly pattern: { readonly id: string; readonly name: string }; readonly like?: string }
  /** With its places and its tests. The last one stays. */
  | InPattern & { readonly kind: 'delete-pattern' }
  // --- job
  | { readonly kind: 'set-schema'; readonly schema: JobDocument['schema']; readonly outOfOrdernessMs?: number }
  | { readonly kind: 'set-time'; readonly time: NonNullable<JobDocument['schema']>['time'] }
  | { readonly kind: 'set-source'; readonly source: SourceSpec | null }
  | { readonly kind: 'set-settings'; readonly settings: JobSettings }
  | { readonly kind: 'set-tests'; readonly tests: readonly TestCase[] }
  | { readonly kind: 'replace-document'; readonly document: JobDocument }
  // --- clipboard
  /** `ids` gives each copied node its new id. Behind `after`, or (null) connected with nothing. */
  | InPattern & { readonly kind: 'paste'; readonly fragment: Fragment; readonly ids: Readonly<Record<string, string>>; readonly after: string | null; readonly at: Point | null }
  // --- layout
  | InPattern & { readonly kind: 'move'; readonly positions: Readonly<Record<string, Point>> }
  | InPattern & { readonly kind: 'collapse-group'; readonly id: string; readonly collapsed: boolean }
  /** Stages (null = all) lose their places and stand left to right again. */
  | InPattern & { readonly kind: 'tidy'; readonly ids: readonly string[] | null };

export type CommandKind = Command['kind'];
