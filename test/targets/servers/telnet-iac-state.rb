# RIGHT: takes telnet commands out byte by byte, with a state that outlives a chunk.
require 'socket'

server = TCPServer.new('127.0.0.1', ARGV[0].to_i)
loop do
  Thread.new(server.accept) do |client|
    line = String.new(encoding: 'BINARY')
    state = :data
    loop do
      client.readpartial(4096).each_byte do |byte|
        case state
        when :data
          byte == 255 ? state = :command : line << byte
        when :command
          state = byte.between?(251, 254) ? :option : :data
        when :option
          state = :data
        end
        next unless line.end_with?("\r\n".b)

        client.write("you said #{line}")
        line.clear
      end
    end
  rescue SystemCallError, EOFError
    nil
  ensure
    client.close
  end
end
