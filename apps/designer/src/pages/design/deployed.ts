/**
 * The version that runs, beside the draft: which stages differ from it.
 * Always  a stage differs where something that matching sees does: condition, count, window, name, the link that leads to
 *         it. Labels and positions are no difference; a change that is taken back leaves none.
 */
import type { JobDocument, PatternEdge, PatternNode } from '@tidemark/pattern';
import type { JobSummary, Project } from '@tidemark/protocol';
import { useEffect, useMemo, useState } from 'react';
import { call } from '../../api/client.ts';
import { sameJson } from '../../store/draft-saver.ts';

export interface Deployed { readonly job: JobSummary; readonly document: JobDocument }

export const newestJob = (project: Project): JobSummary | null => project.jobs.reduce<JobSummary | null>((newest, job) => (newest === null || job.createdAt > newest.createdAt ? job : newest), null);

export function useDeployed(project: Project): Deployed | null {
  const job = useMemo(() => newestJob(project), [project]);
  const [deployed, setDeployed] = useState<Deployed | null>(null);
  useEffect(() => {
    let current = true;
    const load = async (newest: JobSummary): Promise<void> => {
      try {
        const { document } = await call('version', { params: { projectId: project.id, number: String(newest.version) } });
        if (current) setDeployed({ job: newest, document });
      } catch { /* without it the page only lacks its dots */ }
    };
    if (job !== null) void load(job);
    return () => { current = false; };
  }, [job, project.id]);
  return deployed;
}

interface Seen { readonly node: PatternNode; readonly edge: PatternEdge | null }

/** Ids of the draft's stages, gates and groups that the version does not have like this. */
export function changedStages(draft: JobDocument, version: JobDocument): ReadonlySet<string> {
  const before = seen(version);
  const changed = new Set<string>();
  for (const [id, { node, edge }] of seen(draft)) {
    const old = before.get(id);
    if (old === undefined || !sameJson(meaning(node), meaning(old.node)) || !sameJson(edge, old.edge)) changed.add(id);
  }
  return changed;
}

function seen(document: JobDocument): Map<string, Seen> {
  const found = new Map<string, Seen>();
  const visit = (level: { readonly nodes: readonly PatternNode[]; readonly edges: readonly PatternEdge[] }): void => {
    for (const node of level.nodes) {
      found.set(node.id, { node, edge: level.edges.find((edge) => edge.target === node.id) ?? null });
      if (node.type === 'COMPOSITE') visit(node);
    }
  };
  for (const pattern of document.patterns) visit(pattern);
  return found;
}

/** Of a group: its own; what is in it stands for itself. */
const meaning = (node: PatternNode): unknown => (node.type === 'COMPOSITE' ? { ...node, label: undefined, nodes: node.nodes.map((child) => child.id), edges: null } : { ...node, label: undefined });
