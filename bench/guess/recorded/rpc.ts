// Calls of procedures and objects.

import type { RecordedProtocol } from './protocol.ts';

export const RPC: readonly RecordedProtocol[] = [
  {
    name: 'GIOP',
    packages: 'omniorb omniorb-nameserver',
    framing: 'giop',
    server: `exec omniNames -start $PORT -datadir "$FOLDER" -ORBendPoint giop:tcp:127.0.0.1:$PORT`,
    clients: [
      `name="nameclt -ORBInitRef NameService=corbaloc::127.0.0.1:$PORT/NameService"
        $name bind_new_context place; $name bind_new_context place/inner; $name list; $name list place
        for i in 1 2 3 4; do $name bind_new_context place/inner/$i; done; $name list place/inner; $name remove_context place/inner/3`,
    ],
  },
  {
    name: 'JDWP',
    packages: 'openjdk-17-jdk-headless',
    framing: { codec: 'lengthPrefixed', prefix: 'u32be', counts: ['prefix', 'payload'] },
    behind: { client: 14, server: 14 },
    server: `
      mkdir code; printf 'public class Loop { static int n; static void step() { n++; } public static void main(String[] a) throws Exception { while (true) { step(); Thread.sleep(50); } } }' > code/Loop.java
      javac -g -d code code/Loop.java
      exec java -agentlib:jdwp=transport=dt_socket,server=y,suspend=n,address=127.0.0.1:$PORT -cp code Loop`,
    clients: [
      `(echo version; sleep 1; echo threads; sleep 1; echo classes; sleep 1; echo quit) | jdb -attach 127.0.0.1:$PORT`,
      `(echo stop in Loop.step; sleep 2; for i in 1 2 3; do echo where; echo print Loop.n; echo cont; sleep 0.5; done; echo clear Loop.step; echo cont; echo quit) | jdb -attach 127.0.0.1:$PORT`,
      `(echo methods java.lang.String; sleep 1; echo suspend; echo where all; sleep 1; echo resume; echo quit) | jdb -attach 127.0.0.1:$PORT`,
    ],
  },
  {
    name: 'libvirt',
    packages: 'libvirt-daemon libvirt-daemon-system libvirt-clients',
    framing: { codec: 'lengthPrefixed', prefix: 'u32be', counts: ['prefix', 'payload'] },
    server: `
      printf 'listen_tls = 0\\nlisten_tcp = 1\\nlisten_addr = "127.0.0.1"\\ntcp_port = "%s"\\nauth_tcp = "none"\\nauth_unix_rw = "none"\\nunix_sock_dir = "%s"\\n' $PORT "$FOLDER" > libvirtd.conf
      export XDG_RUNTIME_DIR="$FOLDER"
      exec libvirtd --listen -f libvirtd.conf -p pid`,
    clients: [
      'virsh -c test+tcp://127.0.0.1:$PORT/default "list --all; dominfo test; nodeinfo; capabilities; dumpxml test"',
      'virsh -c test+tcp://127.0.0.1:$PORT/default "net-list; net-dumpxml default; pool-list; pool-dumpxml default-pool; iface-list"',
      'virsh -c test+tcp://127.0.0.1:$PORT/default "suspend test; domstate test; resume test; snapshot-create test; snapshot-list test; shutdown test; domstate test"',
    ],
  },
  {
    name: 'Python multiprocessing',
    packages: 'python3',
    framing: 'pythonMultiprocessing',
    server: 'exec python3 "$PROGRAMS/multiprocessing_server.py" $PORT',
    clients: [6, 20, 80].map((n) => `python3 "$PROGRAMS/multiprocessing_client.py" $PORT ${n}`),
  },
  {
    name: 'RPyC',
    packages: 'python3-rpyc',
    framing: {
      codec: 'lengthPrefixed',
      prefix: 'u32be',
      after: 1,
      trailer: '0a',
      deliver: 'parts',
    },
    server: 'exec rpyc_classic --host 127.0.0.1 -p $PORT',
    clients: [2, 9, 25].map((n) => `python3 "$PROGRAMS/rpyc_client.py" $PORT ${n}`),
  },
  {
    name: 'Thrift, framed',
    packages: 'python3-thrift',
    framing: 'thriftFramed',
    server: 'exec python3 "$PROGRAMS/thrift_calls.py" server $PORT',
    clients: [6, 14, 35].map((n) => `python3 "$PROGRAMS/thrift_calls.py" client $PORT ${n}`),
  },
  {
    name: 'ZooKeeper',
    packages: 'zookeeper python3-kazoo',
    framing: 'zookeeper',
    server: `
      printf 'tickTime=2000\\ndataDir=%s/data\\nclientPort=%s\\nclientPortAddress=127.0.0.1\\nadmin.enableServer=false\\n' "$FOLDER" $PORT > zoo.cfg
      exec java -cp '/usr/share/java/*' org.apache.zookeeper.server.quorum.QuorumPeerMain zoo.cfg`,
    clients: [3, 10, 30].map((n) => `python3 "$PROGRAMS/zookeeper.py" $PORT ${n}`),
  },
];
