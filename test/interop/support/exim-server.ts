// exim for the tests of one `describe`.

import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { foreignServer } from './foreign-process.ts';
import type { Place } from './foreign-process.ts';
import { giveFolder, userOf } from './users.ts';

/** Takes every message from this machine and forgets it. */
function configuration({ folder }: Place): string {
  return `
    primary_hostname = mail.test
    spool_directory = ${folder}
    log_file_path = ${folder}/%slog
    tls_advertise_hosts =
    acl_smtp_rcpt = take
    acl_smtp_data = take
    smtp_accept_max_per_connection = 0
    begin acl
    take:
      accept
    begin routers
    forget:
      driver = redirect
      data = :blackhole:
    `.replaceAll(/^ {4}/gm, '');
}

export function eximServer(exim: string): { readonly port: number } {
  return foreignServer(async (place) => {
    const file = join(place.folder, 'exim.conf');
    await writeFile(file, configuration(place));
    await giveFolder(place.folder, await userOf('Debian-exim'));
    return { file: exim, args: ['-C', file, '-bdf', '-oX', `127.0.0.1.${place.port}`] };
  });
}
