import { valuesOf } from '../../core/walk.js';
import type { CatalogKind } from '../catalog/list-kind.js';
import { UriSplices } from './uri-splices.js';

/**
 * An item of a list of a prefixed group as the aggregated route shows it.
 *
 * @param exposed what its name, URI or template is there
 */
export function exposeItem(prefix: string, kind: CatalogKind, bytes: Buffer, exposed: string): Buffer {
  const splices = new UriSplices(bytes, prefix);
  switch (kind) {
    case 'tools':
      for (const at of valuesOf(bytes, 'name')) splices.text(at, exposed);
      for (const [meta] of valuesOf(bytes, '_meta')) {
        splices.uris('ui/resourceUri', meta);
        for (const [ui] of valuesOf(bytes, 'ui', meta)) splices.uris('resourceUri', ui);
      }
      break;
    case 'prompts':
      for (const at of valuesOf(bytes, 'name')) splices.text(at, exposed);
      break;
    case 'resources':
      for (const at of valuesOf(bytes, 'uri')) splices.text(at, exposed);
      break;
    case 'templates':
      for (const at of valuesOf(bytes, 'uriTemplate')) splices.text(at, exposed);
      break;
  }
  return splices.applied();
}
