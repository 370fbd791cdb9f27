/**
 * One level of a drawing (a pattern, or a group in it) as it is read: steps in order, each with the gates that
 * stand on the link before it.
 *
 * Always  every node of the level is in exactly one run, once; the first run is the longest one. A gate that leads to
 *         nothing is `trailing` on its run. Circles are cut at the node that stands first in the document.
 * Not here: whether the drawing is right (packages/pattern validates), where things stand (drawing.ts).
 */
import type { AtomicNode, PatternEdge, PatternNode } from '@tidemark/pattern';

export interface Gate {
  readonly node: AtomicNode;
  /** The edge that leads to the gate: NOT_NEXT or NOT_FOLLOW. */
  readonly edge: PatternEdge;
}
export interface Step {
  readonly node: PatternNode;
  /** The edge that leads here (from the last gate, if there are gates); null for the first step of a run. */
  readonly edge: PatternEdge | null;
  readonly gates: readonly Gate[];
}
export interface Run {
  readonly steps: readonly Step[];
  /** Absences after the last step. */
  readonly trailing: readonly Gate[];
}

export interface Level { readonly nodes: readonly PatternNode[]; readonly edges: readonly PatternEdge[] }

export const isGateEdge = (edge: PatternEdge): boolean => edge.type === 'NOT_NEXT' || edge.type === 'NOT_FOLLOW';

export function runsOf(level: Level): readonly Run[] {
  const byId = new Map(level.nodes.map((node) => [node.id, node]));
  const outgoing = new Map<string, PatternEdge>();
  const incoming = new Map<string, PatternEdge>();
  for (const edge of level.edges) {
    if (!byId.has(edge.source) || !byId.has(edge.target) || outgoing.has(edge.source) || incoming.has(edge.target)) continue;
    outgoing.set(edge.source, edge);
    incoming.set(edge.target, edge);
  }
  const seen = new Set<string>();
  const walk = (start: string): Run => {
    const steps: Step[] = [];
    let gates: Gate[] = [];
    let id: string | undefined = start;
    let edge: PatternEdge | null = null;
    while (id !== undefined && !seen.has(id)) {
      seen.add(id);
      const node = byId.get(id);
      if (!node) break;
      if (edge !== null && isGateEdge(edge) && node.type === 'ATOMIC') gates.push({ node, edge });
      else { steps.push({ node, edge, gates }); gates = []; }
      edge = outgoing.get(id) ?? null;
      id = edge?.target;
    }
    return { steps, trailing: gates };
  };
  const runs = level.nodes.filter((node) => !incoming.has(node.id)).map((node) => walk(node.id));
  for (const node of level.nodes) if (!seen.has(node.id)) runs.push(walk(node.id));
  const length = (run: Run): number => run.steps.reduce((sum, step) => sum + 1 + step.gates.length, run.trailing.length);
  const main = runs.reduce<Run | null>((best, run) => (best === null || length(run) > length(best) ? run : best), null);
  return main === null ? [] : [main, ...runs.filter((run) => run !== main)];
}

/** Every node of a level and of the groups in it. */
export function* allNodes(level: Level): Generator<PatternNode> {
  for (const node of level.nodes) {
    yield node;
    if (node.type === 'COMPOSITE') yield* allNodes(node);
  }
}

/** The level that holds a node, and the group it belongs to (null: the pattern itself). */
export function levelOf(level: Level, id: string, group: string | null = null): { readonly level: Level; readonly group: string | null; readonly node: PatternNode } | null {
  for (const node of level.nodes) {
    if (node.id === id) return { level, group, node };
    if (node.type === 'COMPOSITE') {
      const inside = levelOf(node, id, node.id);
      if (inside) return inside;
    }
  }
  return null;
}

/** Stages in reading order, gates left out, groups opened: what "stage n of m" counts. */
export function stagesInOrder(level: Level): readonly AtomicNode[] {
  return runsOf(level).flatMap((run) => run.steps.flatMap((step) => (step.node.type === 'ATOMIC' ? [step.node] : stagesInOrder(step.node))));
}

/** Ids of all gates, groups opened. */
export function gateIds(level: Level): ReadonlySet<string> {
  const ids = new Set<string>();
  const visit = (at: Level): void => {
    for (const run of runsOf(at)) {
      for (const gate of [...run.steps.flatMap((step) => step.gates), ...run.trailing]) ids.add(gate.node.id);
      for (const step of run.steps) if (step.node.type === 'COMPOSITE') visit(step.node);
    }
  };
  visit(level);
  return ids;
}
