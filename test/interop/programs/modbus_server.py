"""A Modbus/TCP server of pymodbus with 200 holding registers, each with seven times its number in it."""

import sys

from pymodbus.datastore import (
    ModbusSequentialDataBlock,
    ModbusServerContext,
    ModbusSlaveContext,
)
from pymodbus.server import StartTcpServer

registers = ModbusSequentialDataBlock(0, [7 * number for number in range(200)])
slave = ModbusSlaveContext(hr=registers, zero_mode=True)
context = ModbusServerContext(slaves=slave, single=True)
StartTcpServer(context=context, address=("127.0.0.1", int(sys.argv[1])))
