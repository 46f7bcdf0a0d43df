%% Echo in Erlang, framed by gen_tcp itself: `server PORT PACKET` answers, `client PORT PACKET LIMIT` asks.

main(["server", Port, Packet]) ->
    {ok, Listener} = gen_tcp:listen(list_to_integer(Port),
        [{ip, {127, 0, 0, 1}}, {reuseaddr, true} | options(Packet)]),
    accept(Listener);
main(["client", Port, Packet, Limit]) ->
    {ok, Socket} = gen_tcp:connect({127, 0, 0, 1}, list_to_integer(Port), options(Packet)),
    Frames = frames(list_to_integer(Limit)),
    %% All at once, while a process of its own reads: neither side may wait for the other.
    Parent = self(),
    Reader = spawn_link(fun() ->
        receive go -> ok end,
        [{ok, Frame} = gen_tcp:recv(Socket, 0, 20000) || Frame <- Frames],
        Parent ! done
    end),
    ok = gen_tcp:controlling_process(Socket, Reader),
    Reader ! go,
    [ok = gen_tcp:send(Socket, Frame) || Frame <- Frames],
    receive done -> io:format("~b~n", [length(Frames)]) after 30000 -> halt(1) end.

options(Packet) -> [binary, {packet, list_to_integer(Packet)}, {active, false}, {nodelay, true}].

accept(Listener) ->
    {ok, Socket} = gen_tcp:accept(Listener),
    Owner = spawn(fun() -> receive go -> echo(Socket) end end),
    ok = gen_tcp:controlling_process(Socket, Owner),
    Owner ! go,
    accept(Listener).

echo(Socket) ->
    case gen_tcp:recv(Socket, 0) of
        {ok, Frame} -> ok = gen_tcp:send(Socket, Frame), echo(Socket);
        {error, closed} -> gen_tcp:close(Socket)
    end.

frames(Limit) ->
    Sizes = [Size || Size <- [0, 1, 255, 256, 65535, 65536, 1000003], Size =< Limit],
    [binary:copy(<<"x">>, Size) || Size <- Sizes] ++
        [integer_to_binary(N) || N <- lists:seq(1, 1000)].
