# BROKEN: one readpartial() is one message.
require 'socket'

server = TCPServer.new('127.0.0.1', ARGV[0].to_i)
loop do
  Thread.new(server.accept) do |client|
    loop do
      name, *numbers = client.readpartial(4096).split(',')
      client.write("#{name}: #{numbers.sum(&:to_i)}\n")
    end
  rescue EOFError, SystemCallError
    client.close
  end
end
