/**
 * From a draft to a running job: validated, fixed as a version, submitted to the target.
 *
 * Always  what cannot run is refused with all its issues before anything is stored; a warning is asked about once
 *         (`acceptWarnings`); a job that the target does not accept stands as FAILED with the cause, so that nothing
 *         happens silently.
 */
import { mkdir } from 'node:fs/promises';
import { dirname } from 'node:path';
import { JobFault, jobId } from '@tidemark/core';
import type { JobDocument, ValidatedJob } from '@tidemark/pattern';
import type { JobSummary, Version } from '@tidemark/protocol';
import { conflict, unprocessable } from '../http/problem.ts';
import type { LiveJobs } from '../jobs/live-jobs.ts';
import { type Understood, onWire, understand } from '../language.ts';
import type { Logger } from '../log.ts';
import type { JobStore, StoredJob } from '../store/jobs.ts';
import { hasEnded } from '../store/jobs.ts';
import type { ProjectStore, StoredProject } from '../store/projects.ts';
import { type Places, placeOutput, placeSource } from './places.ts';
import type { DeployTarget } from './target.ts';

export interface DeploymentEnvironment {
  readonly projects: ProjectStore;
  readonly jobs: JobStore;
  readonly liveJobs: LiveJobs;
  readonly target: DeployTarget;
  readonly places: Places;
  readonly now: () => number;
  readonly log: Logger;
  readonly runningJobsMax: number;
}

export class Deployment {
  readonly #environment: DeploymentEnvironment;
  /** Deployments go one after the other, so that limits hold. */
  #turn: Promise<unknown> = Promise.resolve();

  constructor(environment: DeploymentEnvironment) {
    this.#environment = environment;
  }

  deploy(project: StoredProject, acceptWarnings: boolean): Promise<{ job: JobSummary; version: Version }> {
    const result = this.#turn.then(() => this.#deploy(project, acceptWarnings));
    this.#turn = result.catch(() => undefined);
    return result;
  }

  /** At the start of the runtime: what ran goes on, what was lost says so. */
  async resume(): Promise<{ readonly resumed: number; readonly lost: number }> {
    const { jobs, liveJobs, target, log } = this.#environment;
    const handles = new Map((await target.recover()).map((handle) => [handle.id as string, handle]));
    let resumed = 0;
    let lost = 0;
    for (const stored of await jobs.list()) {
      const { id, state, restarts } = stored.summary;
      const handle = handles.get(id);
      handles.delete(id);
      if (handle !== undefined) {
        if (!hasEnded(handle.snapshot().state)) resumed += 1;
        const proofIsOpen = state === 'FINISHED' && stored.proof === null;
        if (!hasEnded(handle.snapshot().state) || !hasEnded(state) || proofIsOpen) await liveJobs.follow(handle, stored);
      } else if (!hasEnded(state)) {
        lost += 1;
        await jobs.setState(id, 'FAILED', restarts, {
          code: 'job-lost', message: 'The cluster does not know this job: its files are gone, or the runtime was stopped before it was accepted.',
          domain: 'external', remedy: 'Deploy the project again.', at: this.#environment.now(), workerId: null,
        });
      }
    }
    // jobs of projects that were deleted
    for (const handle of handles.values()) {
      try {
        if (!hasEnded(handle.snapshot().state)) await handle.cancel();
        await handle.ended;
        await target.remove(handle.id);
      } catch (error) {
        log.warn({ err: error, job: handle.id }, 'a job without a project could not be removed');
      }
    }
    return { resumed, lost };
  }

  async #deploy(project: StoredProject, acceptWarnings: boolean): Promise<{ job: JobSummary; version: Version }> {
    const { projects, jobs, liveJobs, places, now, runningJobsMax } = this.#environment;
    const understood = understand(project.draft.document, { forDeployment: true });
    const { document, versionHash } = this.#runnable(understood, acceptWarnings);
    const source = await placeSource(document, places);
    const id = jobs.newJobId();
    const output = placeOutput(document, id, places);
    const misplaced = [source, output].flatMap((placed) => (placed.ok ? [] : [onWire(placed.issue)]));
    if (!source.ok || !output.ok) throw unprocessable('invalid-document', 'The document cannot be deployed.', [...understood.issues, ...misplaced]);
    const taken = (await jobs.list()).find(({ summary }) => summary.outputPath === output.path && (summary.projectId !== project.id || !hasEnded(summary.state)));
    if (taken !== undefined) throw conflict('output-in-use', `The output file is that of the job ${taken.summary.name}; choose another path or cancel that job.`);
    if (liveJobs.running().length >= runningJobsMax) throw conflict('too-many-jobs', `${runningJobsMax} jobs are running; cancel one first.`);

    const version = await projects.makeVersion(project.id, versionHash, document);
    const stored = await jobs.create({
      id, projectId: project.id, name: document.name, version: version.number, versionHash, document, outputPath: output.path,
      sourcePath: source.path, baseTime: now(),
    });
    return { job: await this.#submit(stored, document), version };
  }

  #runnable({ issues, job }: Understood, acceptWarnings: boolean): ValidatedJob {
    if (job === null) throw unprocessable('invalid-document', 'The document has errors.', issues);
    if (issues.length > 0 && !acceptWarnings) throw unprocessable('warnings', 'The document has warnings; deploy again with acceptWarnings to run it all the same.', issues);
    return job;
  }

  async #submit(stored: StoredJob, document: JobDocument): Promise<JobSummary> {
    const { jobs, liveJobs, target, now } = this.#environment;
    const { id, outputPath } = stored.summary;
    try {
      await mkdir(dirname(outputPath), { recursive: true });
      const handle = await target.submit({ jobId: jobId(id), document, sourcePath: stored.sourcePath, outputPath, baseTime: stored.baseTime });
      const live = await liveJobs.follow(handle, stored);
      await live.settled();
    } catch (error) {
      if (!(error instanceof JobFault)) throw error;
      await jobs.setState(id, 'FAILED', 0, { code: error.code, message: error.message, domain: error.domain, remedy: error.remedy, at: now(), workerId: null });
    }
    return liveJobs.summary(await jobs.find(id) ?? stored);
  }
}
