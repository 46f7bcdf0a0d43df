"""A client of Modbus/TCP that reads and writes registers and coils: PORT ROUNDS."""

import sys

from pymodbus.client import ModbusTcpClient

client = ModbusTcpClient("127.0.0.1", port=int(sys.argv[1]))
client.connect()
for number in range(int(sys.argv[2])):
    print(client.read_holding_registers(number, 1 + 3 * number % 40, slave=1))
    print(client.write_registers(number, list(range(number, 2 * number + 2)), slave=1))
    if number % 2 == 0:
        print(client.write_register(7 + number, 300 * number, slave=1))
client.close()
