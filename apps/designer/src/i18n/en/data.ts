/** Upload, proposal and correction of the data of a drawing. */
export const data = {
  title: 'Data', titleNew: 'Start from your data', titleBlank: 'What data is it about?',
  lead: 'A drawing is checked and tested against its events, so it needs to know them first.',
  way: { label: 'Where the events come from', file: 'A file', paste: 'Paste lines', generator: 'The generator', none: 'Without data, for now' },
  file: { drop: 'Drop a CSV, NDJSON or JSON file here', kinds: 'up to 100 MB; it stays on this machine', choose: 'Choose a file', other: 'Another file' },
  paste: { label: 'Lines of events', placeholder: '{"ts": 1764000000000, "name": "start"}', hint: 'One JSON object a line, a JSON list, or CSV with a header line.', use: 'Read these lines', name: 'pasted events' },
  generator: {
    hint: 'A generator makes the same events again from the same seed, with times from the moment of deployment on.', use: 'Use this generator',
    'seed-example': { name: 'Start and middle', text: 'Small events by name, some start at once followed by middle.' },
    'failed-logins': { name: 'Logins', text: 'Everyday logins with attacks among them: many failures, then a success.' },
    machine: { name: 'Machine temperature', text: 'A machine that cools down now and then and sometimes overheats after.' },
    'remote-service': { name: 'Windows hosts', text: 'Events of Windows hosts, some of them a remote service execution.' },
  },
  upload: {
    sending: 'Sending {{name}}: {{sent}} of {{size}}', reading: 'The runtime reads {{name}}', done: '{{name}} is stored', cancel: 'Cancel the upload', cancelled: 'The upload of {{name}} was cancelled.', failed: '{{name}} was not stored: {{reason}}', again: 'Try again',
    progress: 'Upload',
    refused: {
      empty: '{{name}} is empty.', 'too-large': '{{name}} has {{size}}; at most 100 MB can be uploaded. A larger file can be read by its path: put it below the data directory and name it as source.',
      folder: '{{name}} is a folder. Choose one file in it.', kind: '{{name}} is no text with lines. CSV, NDJSON and JSON can be read.',
    },
  },
  proposal: {
    found_one: '{{n}} record looked at', found_other: '{{n}} records looked at', undecodable_one: '{{n}} could not be read', undecodable_other: '{{n}} could not be read', about: 'about {{n}} in all', none: 'No record in this file could be read as an event.', noneHint: 'CSV needs a header line; NDJSON one JSON object a line.',
    fields: 'Fields', field: 'Field', type: 'Type', evidence: 'What was found', include: 'Use {{name}}', time: 'Time of the event', timeField: 'Field', timeFormat: 'Written as', key: 'Key', keyHint: 'Events with the same key are matched together.', keyNone: 'No key: all events together',
    late: 'Out of order by at most', lateHint: 'How far an event may come after a newer one and still count.', inOrder: 'in order', outOfOrder: 'up to {{span}} out of order', present: 'in {{percent}} of the records', distinct_one: '{{n}} value', distinct_other: '{{n}} values', range: '{{min}} to {{max}}', always: 'in every record', timeHere: 'time', noTime: 'none chosen', typeOf: 'Type of {{name}}', top: 'most often {{values}}',
  },
  type: { string: 'text', double: 'number', int: 'whole number', bool: 'yes or no' },
  format: { 'epoch-ms': 'milliseconds since 1970', 'epoch-s': 'seconds since 1970', 'epoch-us': 'microseconds since 1970', iso8601: 'ISO 8601', datetime: 'date and time, UTC' },
  rate: { label: 'Read when deployed', paced: 'Over about {{span}} ({{n}} a second)', unlimited: 'As fast as possible' },
  problem: { 'no-time': 'Choose the field that holds the time of an event.', 'no-fields': 'At least one field is needed.', lateness: 'The disorder must be between 0 and 366 days.' },
  unit: { s: 's' },
  use: 'Use this data', useAndDraw: 'Start drawing', waiting: 'Waiting for the upload', using: 'Saving',
};
