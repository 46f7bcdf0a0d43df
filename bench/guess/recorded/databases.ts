// Databases, directories and caches.

import type { RecordedProtocol } from './protocol.ts';

export const DATABASES: readonly RecordedProtocol[] = [
  {
    name: 'LDAP',
    packages: 'slapd ldap-utils',
    framing: 'berTlv',
    server: `
      cat > slapd.conf <<END
include /etc/ldap/schema/core.schema
modulepath /usr/lib/ldap
moduleload back_mdb
database mdb
suffix dc=example
rootdn cn=admin,dc=example
rootpw secret
directory $FOLDER
maxsize 10485760
END
      printf 'dn: dc=example\\nobjectClass: dcObject\\nobjectClass: organization\\ndc: example\\no: Example\\n' > top.ldif
      for i in $(seq 40); do printf '\\ndn: cn=user%s,dc=example\\nobjectClass: person\\ncn: user%s\\nsn: of family %s\\n' $i $i $((i * i)); done > people.ldif
      cat top.ldif people.ldif | slapadd -f slapd.conf
      exec slapd -d 0 -f slapd.conf -h ldap://127.0.0.1:$PORT/`,
    clients: [
      `ldapsearch -x -H ldap://127.0.0.1:$PORT -b dc=example '(cn=user1*)'`,
      `ldapsearch -x -H ldap://127.0.0.1:$PORT -b dc=example -E pr=5/noprompt`,
      `for i in $(seq 12); do printf 'dn: cn=user%s,dc=example\\nchangetype: modify\\nreplace: sn\\nsn: changed %s\\n\\n' $i $i; done |
        ldapmodify -x -H ldap://127.0.0.1:$PORT -D cn=admin,dc=example -w secret`,
      `printf 'user2\\nuser3\\nuser31\\n' | ldapsearch -x -H ldap://127.0.0.1:$PORT -b dc=example -f - '(cn=%s)' sn`,
    ],
  },
  {
    name: 'memcached, binary',
    packages: 'memcached libmemcached-tools',
    framing: 'memcachedBinary',
    server: 'exec memcached -u nobody -l 127.0.0.1 -p $PORT',
    clients: [
      `head -c 300 /dev/zero | tr '\\0' x > one; head -c 2000 /dev/urandom > two; date > three
        memccp --binary --servers=127.0.0.1:$PORT one two three`,
      'memccat --binary --servers=127.0.0.1:$PORT one two three one',
      'memcstat --binary --servers=127.0.0.1:$PORT',
      'memccapable -h 127.0.0.1 -p $PORT -b',
    ],
  },
  {
    name: 'MySQL',
    packages: 'mariadb-server mariadb-client',
    framing: 'mysql',
    server: `
      chown mysql .
      mariadb-install-db --no-defaults --user=mysql --datadir="$FOLDER/data" --auth-root-authentication-method=normal --skip-test-db
      printf '%s\\n' "CREATE USER me@'%' IDENTIFIED BY 'secret';" "GRANT ALL ON *.* TO me@'%';" > logins.sql
      exec mariadbd --no-defaults --user=mysql --datadir="$FOLDER/data" --socket="$FOLDER/socket" --port=$PORT \\
        --bind-address=127.0.0.1 --init-file="$FOLDER/logins.sql" --skip-name-resolve`,
    clients: [
      `mariadb -h 127.0.0.1 -P $PORT -u me -psecret --skip-ssl -e "CREATE DATABASE shop; USE shop; CREATE TABLE parts (id INT PRIMARY KEY, name VARCHAR(200), price DECIMAL(8,2)); INSERT INTO parts SELECT seq, REPEAT(CONCAT('part ', seq), seq % 20), seq * 1.5 FROM seq_1_to_120; SELECT COUNT(*) FROM parts"`,
      `mariadb -h 127.0.0.1 -P $PORT -u me -psecret --skip-ssl shop -e "SELECT * FROM parts"`,
      `mariadb-dump -h 127.0.0.1 -P $PORT -u me -psecret --skip-ssl shop`,
      `mariadb-show -h 127.0.0.1 -P $PORT -u me -psecret --skip-ssl information_schema`,
    ],
  },
  {
    name: 'PostgreSQL',
    packages: 'postgresql postgresql-client',
    framing: 'postgres',
    behind: { client: { framing: 'postgresStartup', frames: 1 } },
    server: `
      bin=$(dirname /usr/lib/postgresql/*/bin/initdb)
      as postgres $bin/initdb -D "$FOLDER/data" -A trust -U postgres --locale=C --no-sync
      as postgres $bin/postgres -D "$FOLDER/data" -p $PORT -k "$FOLDER" -c fsync=off -c listen_addresses=127.0.0.1`,
    clients: [
      `psql "host=127.0.0.1 port=$PORT user=postgres sslmode=disable" -c 'CREATE TABLE parts AS SELECT i AS id, repeat(md5(i::text), i % 9) AS name FROM generate_series(1, 150) AS i' -c 'SELECT count(*) FROM parts' -c 'SELECT * FROM parts WHERE id < 30'`,
      `pg_dump "host=127.0.0.1 port=$PORT user=postgres sslmode=disable"`,
      `psql "host=127.0.0.1 port=$PORT user=postgres sslmode=disable" -c '\\d parts' -c 'SELECT no_such_column FROM parts' || true`,
      `seq 40 | sed 's/.*/&\\tcopied &/' | psql "host=127.0.0.1 port=$PORT user=postgres sslmode=disable" -c 'COPY parts FROM STDIN'`,
      `export PGSSLMODE=disable; pgbench -h 127.0.0.1 -p $PORT -U postgres -i -I tG -q postgres; pgbench -h 127.0.0.1 -p $PORT -U postgres -n -M prepared -t 20 -S postgres`,
    ],
  },
];
