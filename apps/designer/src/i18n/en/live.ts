/** The Live page: what a deployed job is doing. */
export const live = {
  title: 'Live',
  run: { label: 'Which run', item: 'v{{version}}, {{at}}', current: 'v{{version}}' },
  figure: {
    label: 'Figures', eventsIn: 'Events in', perSecond: '/s', matches: 'Matches', matchesRate: 'Matches, {{rate}} a minute',
    partial_one: 'Partial matches, {{keys}} key', partial_other: 'Partial matches, {{keys}} keys', behind: 'Watermark behind', checkpoint: 'Checkpoint {{id}}, {{ago}} ago',
    partialShort: 'Partial', behindShort: 'Watermark', checkpointShort: 'Checkpoint {{id}}',
    checkpointNone: 'No checkpoint yet', late: '{{n}} late', deadLetters: '{{n}} not readable', progress: '{{percent}} of the input read', read: '{{n}} read', endOfInput: 'end of input',
  },
  drawing: {
    title: 'Pattern', watermark: 'Watermark', behind: '{{behind}} behind the newest event', noWatermark: 'no watermark yet', utc: 'UTC',
    restarted: 'restarted at {{at}}, counts go on from the checkpoint',
  },
  stage: {
    waiting: 'waiting', waitingHint: 'Partial matches whose last event is in this stage', waitingAtMostHint: 'Partial matches whose last event is in this stage, at most: they are kept in common, and some may be over already',
    expiredHint: 'Attempts that ran out of the time window here', blocked: '{{n}} blocked', blockedHint: 'Attempts ended by an event that must not come',
    enteredLabel: 'entered', advancedLabel: 'went on', expiredLabel: 'expired',
    held: '{{n}} held back', heldHint: 'Completed, waiting for an attempt that began earlier', dropped: '{{n}} dropped', droppedHint: 'Completed, removed by the skip strategy',
    perMinute: '{{n}}/min', found_one: 'match', found_other: 'matches',
  },
  checkpoints: {
    title: 'Checkpoints', sub: 'every {{interval}}, {{retained}} kept', counts: '{{completed}} completed, {{failed}} failed', height: 'height: duration', newest: 'newest {{id}}',
    none: 'The first checkpoint comes {{interval}} after the start.', id: 'Id', state: 'State', acks: 'Acks', duration: 'Duration', size: 'Size',
    phase: { triggered: 'In progress', completed: 'Completed', failed: 'Failed' }, ackCount: '{{n}} of {{of}}', final: 'Final', at: 'at {{at}}',
    bars: '{{n}} checkpoints, durations {{min}} to {{max}}',
  },
  workers: {
    title: 'Worker processes', name: 'Worker', state: 'State', cpu: 'CPU', memory: 'Memory', none: 'Worker processes appear when the job starts.', ended: 'The job has ended; its worker processes are gone.',
    pidOf: 'pid {{pid}}', load: 'CPU, memory',
    phase: { starting: 'Starting', running: 'Running', lost: 'Lost', stopped: 'Stopped' }, subtasks_one: '{{count}} subtask', subtasks_other: '{{count}} subtasks',
    kill: 'Kill worker', killName: 'Kill worker {{worker}}, process {{pid}}',
  },
  kill: {
    title: 'Kill worker {{worker}}?', text: 'SIGKILL goes to process {{pid}}. It gets no chance to save anything.',
    afterwards: 'The job restarts from its last completed checkpoint ({{checkpoint}}) and reads on from there.', noCheckpoint: 'There is no completed checkpoint yet: the job starts again from the beginning of the input.',
    law: 'Afterwards the committed output must equal that of a run without the fault. The proof line shows whether it does.',
    confirm: 'Kill process {{pid}}', failed: 'The worker was not killed',
  },
  recovery: {
    title: 'Recovery', noneEnded: 'No fault in this run.', none: 'No fault so far. Kill a worker to see the job come back with nothing lost and nothing doubled.', nth: '{{n}} of {{of}}', older: 'Earlier recovery', newer: 'Later recovery',
    took: '{{total}} to catch up, bar to scale', running: 'for {{total}} so far, bar to scale',
    step: {
      fault: 'Fault', detected: 'Detected', cancelled: 'Cancelled', waited: 'Waited', 'workers-started': 'Workers started', 'checkpoint-chosen': 'Checkpoint chosen', restored: 'State restored',
      running: 'Running again', 'caught-up': 'Caught up',
    },
    checkpoint: 'from checkpoint {{id}}', fromStart: 'from the beginning', replayed_one: '{{n}} event read again', replayed_other: '{{n}} events read again', steps: 'Steps of the recovery',
  },
  proof: {
    label: 'Proof', notApplicable: 'The source has no end, so there is no run without faults to compare with.',
    waiting: 'The run without faults starts when this one has read something.', running: 'Comparing with a run without faults; the first figures come with the next checkpoint.',
    equalSoFar: 'Match ids equal those of the run without faults, up to {{percent}} of the input.', equal: 'All match ids equal those of the run without faults.',
    notCompared: 'Not compared', held: 'Exactly once held', holds: 'Exactly once so far', broken: 'Not equal', different: '{{expected}} were expected; {{unexpected}} came that the run without faults does not have.',
    failed: 'The run without faults did not finish: {{detail}}', pending: 'Not compared yet', figures: '{{missing}} lost, {{doubled}} doubled',
  },
  chart: {
    title: 'Throughput and lag', sub: 'last {{span}}', events: 'Events in, per second', behind: 'Watermark behind', none: 'Charts show what this page has seen since it was opened.',
    summary: '{{name}}: now {{now}}, highest {{max}} in the last {{span}}',
  },
  matches: {
    title: 'Matches', subCommitted: '{{committed}} committed', sub: '{{committed}} committed, {{pending}} pending', pause: 'Pause the list', resume: 'Go on', fresh_one: '{{count}} new match', fresh_other: '{{count}} new matches',
    pending: 'Pending', committed: 'Committed', retracted: 'Comes again', pendingHint: 'Committed when the next checkpoint completes', retractedHint: 'Taken back by the restart; the replay brings it again',
    within: 'spans {{span}}', checkpoint: 'checkpoint {{id}}', next: 'commits with the next checkpoint', late: 'Late event', timedOut: 'Timed out', deadLetter: 'Not readable',
    none: 'No match yet.', noneDetail: 'A match appears here as soon as the watermark has passed its last event, and is committed with the next checkpoint.',
    noneEver: 'The job ended without a match.', events: 'Events of match {{id}}', more_one: '{{count}} more event', more_other: '{{count}} more events', noEvents: 'nothing came', older: 'Load older', allLoaded: 'That is all {{n}}.',
    omitted: '{{n}} more came in one go than the list can show at once; they are in the pages below.', loadFailed: 'The older matches did not load.', download: 'Download output', id: 'Match id', copyId: 'Copy match id',
    announce_one: '{{count}} new match, {{committed}} committed', announce_other: '{{count}} new matches, {{committed}} committed', source: 'split {{split}}, event {{position}}', label: 'List of matches',
    filter: 'Filter by key or text', noneFiltered: 'None of the loaded matches contains this.',
  },
  state: {
    noJob: 'Nothing runs yet', noJobText: 'Deploy the drawing to see its partial matches and matches live. You can watch it work, and then break it.', deploy: 'Deploy',
    finished: 'The job read all of its input and finished.', finishedDetail: '{{events}} events, {{matches}} matches, {{duration}}.', canceled: 'The job was stopped.', failed: 'The job failed: {{cause}}', remedy: 'What helps: {{remedy}}',
    restarting: 'The job restarts after a fault: {{cause}}', connecting: 'Connecting to the runtime.',
    offline: 'The runtime is not connected. Showing last known values from {{at}}.', offlineNone: 'The runtime is not connected. It is tried again by itself.', retryNow: 'Try now',
    version: 'This page is older than the runtime. Reload it.', unknownJob: 'The runtime no longer knows this run.', gone: 'Session ended. Reload the page and give the token.',
  },
  action: { stop: 'Stop', stopping: 'Stopping', deployAgain: 'Deploy again', output: 'Output', more: 'More actions' },
  stop: { title: 'Stop this job?', text: 'It ends here. Matches that are pending are not committed, and it cannot go on later; deploying again starts from the beginning.', confirm: 'Stop the job' },
  tab: { label: 'Parts of this page', pattern: 'Pattern', matches: 'Matches', checkpoints: 'Checkpoints', break: 'Workers' },
  deploy: {
    title: 'Deploy {{name}}', warnings: 'It can run, with these warnings:', errors: 'It cannot run yet:',
    anyway: 'Deploy anyway', deploying: 'Deploying', failed: 'The job was not deployed', toDesign: 'Go to Design', newer: 'The draft has changed since; look at it in Design, then deploy again.', fix: 'What helps: {{fix}}',
  },
};
