%% erl -noshell -s receiver main WAY PORT: gen_tcp with {packet,4} and active once. WAY: value or echo.
-module(receiver).
-export([main/1]).

main([Way, Port]) ->
    Options = [binary, {ip, {127,0,0,1}}, {packet, 4}, {active, false}, {nodelay, true}, {reuseaddr, true}],
    {ok, Server} = gen_tcp:listen(list_to_integer(atom_to_list(Port)), Options),
    io:format("READY~n"),
    accept(Server, Way).

accept(Server, Way) ->
    {ok, Socket} = gen_tcp:accept(Server),
    {Frames, Bytes} = next(Socket, Way, 0, 0),
    gen_tcp:close(Socket),
    io:format("~p ~p~n", [Frames, Bytes]),
    accept(Server, Way).

next(Socket, Way, Frames, Bytes) ->
    inet:setopts(Socket, [{active, once}]),
    receive
        {tcp, Socket, Frame} ->
            case Way of echo -> gen_tcp:send(Socket, Frame); value -> ok end,
            next(Socket, Way, Frames + 1, Bytes + byte_size(Frame));
        {tcp_closed, Socket} -> {Frames, Bytes}
    end.
