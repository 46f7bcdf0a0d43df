"""Framed calls of Thrift: `server PORT`, or `client PORT CALLS`."""

import sys

from thrift.protocol.TBinaryProtocol import TBinaryProtocol, TBinaryProtocolFactory
from thrift.server.TServer import TSimpleServer
from thrift.Thrift import TMessageType, TType
from thrift.transport.TSocket import TServerSocket, TSocket
from thrift.transport.TTransport import TFramedTransport, TFramedTransportFactory


def write(protocol, kind, number, text):
    """One message whose only field is a string."""
    protocol.writeMessageBegin("repeat", kind, number)
    protocol.writeStructBegin("fields")
    protocol.writeFieldBegin("text", TType.STRING, 1)
    protocol.writeString(text)
    protocol.writeFieldEnd()
    protocol.writeFieldStop()
    protocol.writeStructEnd()
    protocol.writeMessageEnd()
    protocol.trans.flush()


def read(protocol):
    """Number and string of a message as `write` writes it."""
    _, _, number = protocol.readMessageBegin()
    protocol.readStructBegin()
    protocol.readFieldBegin()
    text = protocol.readString()
    protocol.readFieldEnd()
    protocol.readFieldBegin()
    protocol.readStructEnd()
    protocol.readMessageEnd()
    return number, text


class Processor:
    """Answers each call with its text, repeated."""

    def process(self, incoming, outgoing):
        number, text = read(incoming)
        write(outgoing, TMessageType.REPLY, number, text * (number % 5))


if sys.argv[1] == "server":
    socket = TServerSocket("127.0.0.1", int(sys.argv[2]))
    TSimpleServer(Processor(), socket, TFramedTransportFactory(), TBinaryProtocolFactory()).serve()
else:
    transport = TFramedTransport(TSocket("127.0.0.1", int(sys.argv[2])))
    transport.open()
    client = TBinaryProtocol(transport)
    for call in range(int(sys.argv[3])):
        write(client, TMessageType.CALL, call, "call %d " % call * (call % 9))
        print(read(client))
    transport.close()
