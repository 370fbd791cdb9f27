/** The first page: jobs, templates, deleting. */
export const jobs = {
  title: 'Jobs',
  lead: 'Draw a pattern over a stream of events, try it on a sample, deploy it, and break the runtime on purpose.',
  filter: { label: 'Which jobs', all: 'All {{n}}', running: 'Running {{n}}', attention: 'Need you {{n}}', none: 'No job here is in this state.' },
  column: { name: 'Name', state: 'State', version: 'Version', events: 'Events', matches: 'Matches', restarts: 'Restarts', checkpoint: 'Last checkpoint', actions: 'Actions' },
  state: {
    DRAFT: 'Draft', CREATED: 'Starting', INITIALIZING: 'Starting', RUNNING: 'Running', RESTARTING: 'Restarting', FINISHED: 'Finished',
    CANCELLING: 'Stopping', CANCELED: 'Stopped', FAILED: 'Failed',
  },
  stages_one: '{{count}} stage', stages_other: '{{count}} stages',
  row: { matches_one: '{{n}} match', matches_other: '{{n}} matches', version: 'v{{n}}', events: '{{n}} events', restarts_one: '{{count}} restart', restarts_other: '{{count}} restarts', notDeployed: 'not deployed' },
  action: { menu: 'Actions for {{name}}', openLive: 'Open Live', openDesign: 'Open Design', stop: 'Stop', deployAgain: 'Deploy again', output: 'Download output', delete: 'Delete' },
  stopped: '{{name}} is stopping.',
  deployed: '{{name}} is starting as version {{n}}.',
  deleted: '{{name}} was deleted.',
  deleteRunning: { title: 'Delete {{name}}?', text: 'Its job is running. It is stopped first; its output file stays where it is.', confirm: 'Stop and delete' },
  deleteFailed: '{{name}} was not deleted',
  new: 'New job',
  start: {
    title: 'Start from a template', hint: 'Each opens tested on its own sample, in your browser. Nothing is deployed until you say so.',
    opening: 'Opening {{name}}', shows: 'shows: {{what}}', sample_one: '{{events}} events, {{count}} match', sample_other: '{{events}} events, {{count}} matches', invented: 'invented data',
    own: 'Or start from your own',
    data: { title: 'From your data', text: 'Types, time and key are proposed from the file; you correct them.', kinds: 'CSV, NDJSON or JSON, up to 100 MB', choose: 'Choose a file', paste: 'Paste lines', drop: 'Drop a file here, or anywhere on this page' },
    blank: { title: 'Blank', text: 'An empty drawing. It asks for its data first.', open: 'New blank drawing', name: 'New pattern' },
  },
  dropHere: 'Drop the file to start from it',
  stale: 'The runtime does not answer. These are the values of {{at}}.',
};
