/** Does one thing in the gateway's folder, as its argument says, and answers with a line of JSON. */
import { keepSettings, putBackSettings } from '../settings.js';
import { copyVerified, endHold, holdTrial, restoreCopy, schemaOf } from '../database.js';
import { type FolderAnswer, type FolderRequest, requestSchema } from './messages.js';

async function work(request: FolderRequest): Promise<number | boolean | null> {
  switch (request.do) {
    case 'schema':
      return schemaOf(request.database) ?? null;
    case 'copy':
      await copyVerified(request.database, request.copy);
      return true;
    case 'restore':
      return restoreCopy(request.database, request.copy, request.replaced);
    case 'keep':
      keepSettings(request.file, request.copy);
      return true;
    case 'put-back':
      putBackSettings(request.file, request.copy);
      return true;
    case 'hold':
      holdTrial(request.file);
      return true;
    case 'release':
      endHold(request.file);
      return true;
  }
}

let answer: FolderAnswer;
try {
  answer = { done: await work(requestSchema.parse(JSON.parse(process.argv[2] ?? ''))) };
} catch (error) {
  answer = { refused: (error as Error).message };
}
console.log(JSON.stringify(answer));
