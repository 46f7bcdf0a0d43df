// Protocols of networks: names, routes, files, sessions.

import type { RecordedProtocol } from './protocol.ts';

export const NETWORK: readonly RecordedProtocol[] = [
  {
    name: '9P',
    packages: 'diod',
    framing: 'nineP',
    server: `
      mkdir -p files/inner; for i in 1 2 3 4; do seq $((i * 700)) > files/$i; done; touch files/inner/a-long-name-{1,2,3,4,5,6}
      exec diod -f -n -L stderr -l 127.0.0.1:$PORT -e "$FOLDER/files" -c /dev/null`,
    clients: [
      'diodls -s 127.0.0.1:$PORT -a "$FOLDER/files" -l',
      'diodcat -s 127.0.0.1:$PORT -a "$FOLDER/files" 1 2',
      'diodcat -s 127.0.0.1:$PORT -a "$FOLDER/files" 4',
      'diodls -s 127.0.0.1:$PORT -a "$FOLDER/files" -l inner',
    ],
  },
  {
    name: 'BGP',
    packages: 'bird2',
    framing: 'bgp',
    server: `
      for i in $(seq 40); do echo "route 10.$i.0.0/16 blackhole { bgp_path.prepend($((64600 + i % 7))); };"; done > routes
      router() {
        echo "router id $1; protocol device {} protocol static { ipv4; $(head -n $2 routes) }"
        echo "protocol bgp { local $1 port $3 as $4; neighbor $5 port $PORT as $6; multihop; connect delay time 1; $7; keepalive time 1; hold time 3; ipv4 { import all; export all; next hop self; }; }"
      }
      router 127.0.0.1 3 $PORT 65001 'range 127.0.0.0/24' 65002 'passive; dynamic name "peer"' > server.conf
      exec bird -f -c server.conf -s server.ctl -P server.pid`,
    clients: [
      `router() {
        echo "router id 127.0.0.$1; protocol device {} protocol static { ipv4; $(head -n $2 routes) }"
        echo "protocol bgp { local 127.0.0.$1 as 65002; neighbor 127.0.0.1 port $PORT as 65001; multihop; connect delay time 1; keepalive time 1; hold time 3; ipv4 { import all; export all; next hop self; }; }"
      }
      for i in 2 3 4; do router $i $((i * i + i)) > $i.conf; timeout $((4 + i)) bird -f -c $i.conf -s $i.ctl -P $i.pid || true; done`,
    ],
  },
  {
    name: 'DICOM',
    packages: 'dcmtk',
    framing: 'dicom',
    server: 'exec storescp --ignore $PORT',
    clients: [
      'echoscu --repeat 6 127.0.0.1 $PORT',
      `for i in 1 2 3 4 5; do printf '(0008,0016) UI =SecondaryCaptureImageStorage\n(0008,0018) UI [1.2.3.%s]\n(0010,0010) PN [Name^%s]\n(0010,4000) LT [%s]\n' $i $i "$(seq -s ' ' $((i * 60)))" > $i.txt; dump2dcm $i.txt $i.dcm; done
        storescu 127.0.0.1 $PORT 1.dcm 2.dcm 3.dcm 4.dcm 5.dcm`,
      'echoscu --propose-pc 20 --repeat 2 127.0.0.1 $PORT; storescu 127.0.0.1 $PORT 5.dcm 1.dcm',
    ],
  },
  {
    name: 'DNS over TCP',
    packages: 'dnsmasq-base bind9-dnsutils',
    framing: 'dnsOverTcp',
    server: `
      for i in $(seq 60); do echo "10.0.0.$i host$i.example"; done > hosts
      exec dnsmasq -d -C /dev/null -p $PORT --listen-address=127.0.0.1 --bind-interfaces -R -h -H "$FOLDER/hosts" \\
        --txt-record=long.example,"$(seq -s, 60)" --mx-host=example,host1.example,10 --user=root`,
    clients: [
      `dig @127.0.0.1 -p $PORT +tcp +keepopen $(seq -f 'host%g.example' 8)`,
      `dig @127.0.0.1 -p $PORT +tcp +keepopen +noedns long.example TXT example MX host3.example A nowhere.example A long.example TXT`,
      `for i in $(seq 40); do echo "host$i.example $([ $((i % 3)) = 0 ] && echo AAAA || echo A)"; done > names
        dig @127.0.0.1 -p $PORT +tcp +keepopen -f names`,
    ],
  },
  {
    name: 'HTTP/2',
    packages: 'nghttp2-server nghttp2-client',
    framing: 'http2',
    behind: { client: 24 },
    server: `
      mkdir root; for i in 1 2 3 4 5; do seq $((i * 300)) > root/$i.txt; done; head -c 20000 /dev/urandom > root/noise
      exec nghttpd --no-tls -d root -a 127.0.0.1 $PORT`,
    clients: [
      'nghttp http://127.0.0.1:$PORT/1.txt',
      'nghttp http://127.0.0.1:$PORT/1.txt http://127.0.0.1:$PORT/2.txt http://127.0.0.1:$PORT/3.txt http://127.0.0.1:$PORT/none',
      'seq 900 > body; nghttp -d body -H "x-colour: green" http://127.0.0.1:$PORT/noise',
      'h2load -n 30 -c 1 -m 5 http://127.0.0.1:$PORT/4.txt',
    ],
  },
  {
    name: 'Modbus',
    packages: 'python3-pymodbus',
    framing: 'modbusTcp',
    server: 'exec python3 "$PROGRAMS/../../../../test/interop/programs/modbus_server.py" $PORT',
    clients: [3, 10, 30].map((n) => `python3 "$PROGRAMS/modbus_client.py" $PORT ${n}`),
  },
  {
    name: 'OpenFlow',
    packages: 'openvswitch-switch openvswitch-common',
    framing: 'openflow',
    server: `
      export OVS_RUNDIR="$FOLDER" OVS_LOGDIR="$FOLDER" OVS_DBDIR="$FOLDER"
      ovsdb-tool create conf.db /usr/share/openvswitch/vswitch.ovsschema
      ovsdb-server conf.db --remote="punix:$FOLDER/db.sock" &
      until [ -S db.sock ]; do sleep 0.1; done
      ovs-vsctl --db="unix:$FOLDER/db.sock" --no-wait add-br br0 -- set bridge br0 datapath_type=dummy -- set-controller br0 ptcp:$PORT:127.0.0.1
      exec ovs-vswitchd --enable-dummy --disable-system "unix:$FOLDER/db.sock"`,
    clients: [
      `for i in $(seq 30); do echo "priority=$i,tcp,nw_dst=10.0.$i.0/24,actions=set_field:10.9.9.$i->ip_dst,output:$((i % 5 + 1))"; done > flows
        export OVS_RUNDIR="$FOLDER"; at=tcp:127.0.0.1:$PORT; ovs-ofctl show $at; ovs-ofctl add-flows $at flows; ovs-ofctl dump-flows $at
        ovs-ofctl -O OpenFlow13 dump-ports-desc $at; ovs-ofctl -O OpenFlow13 replace-flows $at <(head -n 9 flows); ovs-ofctl -O OpenFlow13 dump-flows $at`,
    ],
  },
  {
    name: 'OpenVPN',
    packages: 'openvpn openssl',
    framing: 'openvpnTcp',
    server: `
      openssl req -x509 -newkey rsa:2048 -nodes -days 9 -subj /CN=unstick -keyout key.pem -out cert.pem
      exec openvpn --tls-server --dev null --proto tcp-server --local 127.0.0.1 --lport $PORT --persist-key \\
        --ca cert.pem --cert cert.pem --key key.pem --dh none --ping 1 --ping-restart 5 --verb 1`,
    clients: [3, 6, 9].map(
      (
        seconds,
      ) => `timeout ${seconds} openvpn --tls-client --dev null --proto tcp-client --remote 127.0.0.1 $PORT --nobind \\
        --ca cert.pem --cert cert.pem --key key.pem --ping 1 --verb 1 || true; sleep 2`,
    ),
  },
  {
    name: 'SMB',
    packages: 'samba smbclient',
    framing: 'directTcpSmb',
    server: `
      mkdir share private; seq 3000 > share/numbers; head -c 5000 /dev/urandom > share/noise
      printf '[global]\nsmb ports = %s\ninterfaces = lo\nbind interfaces only = yes\nmap to guest = bad user\nguest account = root\nserver role = standalone\ndisable spoolss = yes\n' $PORT > smb.conf
      for name in 'lock directory' 'state directory' 'cache directory' 'pid directory' 'private dir' 'ncalrpc dir'; do echo "$name = $FOLDER/private"; done >> smb.conf
      printf '[share]\npath = %s/share\nguest ok = yes\nwritable = yes\n' "$FOLDER" >> smb.conf
      exec smbd -F --no-process-group -s smb.conf --debug-stdout`,
    clients: [
      `smbclient -s smb.conf -N -p $PORT //127.0.0.1/share -c 'ls; get numbers copy; ls num*'`,
      `smbclient -s smb.conf -N -p $PORT //127.0.0.1/share -c 'mkdir a; cd a; put smb.conf conf; ls; rename conf other; rm other; cd ..; rmdir a'`,
      'smbclient -s smb.conf -N -p $PORT -L 127.0.0.1',
    ],
  },
  {
    name: 'SNMP',
    packages: 'snmpd snmp',
    framing: 'berTlv',
    server: `
      echo 'rocommunity public' > snmpd.conf
      exec snmpd -f -Lo -C -c snmpd.conf -p pid -x '' tcp:127.0.0.1:$PORT`,
    clients: [
      'snmpwalk -v 2c -c public tcp:127.0.0.1:$PORT .1.3.6.1.2.1.1',
      'snmpwalk -v 1 -c public tcp:127.0.0.1:$PORT .1.3.6.1.2.1.2',
      'snmpbulkwalk -v 2c -c public -Cr25 tcp:127.0.0.1:$PORT .1.3.6.1.2.1.4',
      'snmpbulkwalk -v 2c -c public -Cr4 tcp:127.0.0.1:$PORT .1.3.6.1.2.1.31',
    ],
  },
];
