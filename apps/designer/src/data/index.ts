/** Data of a drawing: what other rooms of the page use. */
export { type ChosenData, blankDocument, nameOfFile, newDocumentId, withData } from './chosen-data.ts';
export { DataDialog, type DataDialogProps, type Way } from './data-dialog.tsx';
export { type Dropped, carriesFile, droppedFile } from './dropped-file.ts';
