package dev.tokenbroker.door;

import static org.assertj.core.api.Assertions.assertThat;

import dev.tokenbroker.http.Http2Frames;
import io.netty.buffer.ByteBuf;
import io.netty.buffer.Unpooled;
import io.netty.channel.ChannelDuplexHandler;
import io.netty.channel.ChannelHandlerContext;
import io.netty.channel.ChannelOutboundBuffer;
import io.netty.channel.ChannelPromise;
import io.netty.channel.embedded.EmbeddedChannel;
import io.netty.handler.codec.http2.DefaultHttp2Headers;
import io.netty.handler.codec.http2.Http2ConnectionHandler;
import io.netty.handler.codec.http2.Http2ConnectionHandlerBuilder;
import io.netty.handler.codec.http2.Http2Error;
import io.netty.handler.codec.http2.Http2EventAdapter;
import io.netty.handler.codec.http2.Http2Exception;
import io.netty.handler.codec.http2.Http2FrameListener;
import io.netty.handler.codec.http2.Http2Headers;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Peers that take a megabyte bit by bit, in a time that passes only when it is told to. */
class AnswerBacklogLooksTest {

  private static final int ANSWER = 1 << 20;
  private static final int BIT = 1 << 16;
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private final UnreadAnswers unread = new UnreadAnswers(4L * ANSWER);

  /** Over HTTP/2, where an answer waits for a window, and over HTTP/1.1, for the socket. */
  static Stream<Peer> peers() {
    return Stream.of(new WindowPeer(), new SocketPeer());
  }

  @ParameterizedTest
  @MethodSource("peers")
  void leave_a_peer_alone_that_has_taken_some_since_the_last(Peer peer) throws Exception {
    peer.ask(unread);
    int looks = 0;
    while (peer.received() < ANSWER) {
      peer.take();
      look(peer);
      looks++;
      assertThat(peer.server().isOpen()).as("after %s looks", looks).isTrue();
    }

    assertThat(looks).isGreaterThanOrEqualTo(ANSWER / BIT - 1);
    assertThat(peer.received()).isEqualTo(ANSWER);
    assertThat(unread.held()).isZero();
  }

  @ParameterizedTest
  @MethodSource("peers")
  void end_the_connection_of_a_peer_that_has_taken_some_and_then_no_more(Peer peer)
      throws Exception {
    peer.ask(unread);
    peer.take();
    look(peer);
    assertThat(unread.held()).isPositive();

    look(peer);

    assertThat(peer.server().isOpen()).isFalse();
    assertThat(unread.held()).isZero();
  }

  @Test
  void leave_a_peer_alone_that_took_its_request_back_and_makes_another_that_has_not_waited() {
    WindowPeer peer = new WindowPeer();
    peer.ask(unread);
    assertThat(unread.held()).isPositive();
    peer.takeBack();
    assertThat(unread.held()).isZero();

    peer.askOnceMore();
    look(peer);

    assertThat(peer.server().isOpen()).isTrue();
  }

  @Test
  void leave_a_peer_alone_that_took_what_its_socket_held_and_makes_a_request_that_has_not_waited() {
    WindowPeer peer = new WindowPeer();
    peer.begin(unread);
    peer.server().stall();
    peer.ask(BIT / 2);
    assertThat(unread.held()).isPositive();
    peer.server().goOn();
    assertThat(unread.held()).isZero();

    peer.askOnceMore();
    look(peer);

    assertThat(peer.server().isOpen()).isTrue();
  }

  @Test
  void are_not_waited_for_to_count_a_request_that_is_taken_back_as_it_is_answered() {
    WindowPeer peer = new WindowPeer();

    assertThatItIsCountedOnce(peer, peer::takeBackWhatIsAnswered);
  }

  /** As TLS does. */
  @Test
  void are_not_waited_for_to_do_so_where_what_is_written_is_held_back_until_it_is_flushed() {
    WindowPeer peer = new WindowPeer();
    peer.server().pipeline().addFirst(new HeldUntilFlushed());

    assertThatItIsCountedOnce(peer, peer::takeBackWhatIsAnswered);
  }

  @Test
  void are_not_waited_for_to_do_so_where_the_server_had_ended_the_stream_for_an_error() {
    WindowPeer peer = new WindowPeer();

    assertThatItIsCountedOnce(peer, peer::takeBackWhatIsAnsweredAfterAnError);
  }

  private void assertThatItIsCountedOnce(WindowPeer peer, Runnable takingBack) {
    peer.begin(unread);
    peer.ask(BIT / 2);
    assertThat(unread.held()).isZero();
    peer.server().stall();

    takingBack.run();

    assertThat(unread.held())
        .isGreaterThan(ArrivingBytes.REQUEST_BYTES)
        .isLessThan(2L * ArrivingBytes.REQUEST_BYTES);
    peer.server().goOn();
    assertThat(unread.held()).isZero();
  }

  @Test
  void are_not_waited_for_to_forget_what_the_socket_has_taken() {
    SocketPeer peer = new SocketPeer();
    peer.begin(unread);
    for (int at = 0; at < 3; at++) {
      peer.answer(BIT / 2);
      assertThat(unread.held()).isPositive();

      peer.take();

      assertThat(unread.held()).isZero();
    }
  }

  /** Whose socket may take nothing for a while. */
  private static final class Server extends EmbeddedChannel {

    private boolean stalled;

    Server(Http2ConnectionHandler http2) {
      super(http2);
    }

    void stall() {
      stalled = true;
    }

    void goOn() {
      stalled = false;
      unsafe().flush();
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer waiting) throws Exception {
      if (!stalled) {
        super.doWrite(waiting);
      }
    }
  }

  /** Hands on what is written when it is flushed, and not before. */
  private static final class HeldUntilFlushed extends ChannelDuplexHandler {

    private final Queue<Runnable> written = new ArrayDeque<>();

    @Override
    public void write(ChannelHandlerContext context, Object message, ChannelPromise promise) {
      written.add(
          () -> {
            var _ = context.write(message, promise);
          });
    }

    @Override
    public void flush(ChannelHandlerContext context) {
      for (Runnable next = written.poll(); next != null; next = written.poll()) {
        next.run();
      }
      context.flush();
    }
  }

  private static void look(Peer peer) {
    peer.server().advanceTimeBy(PATIENCE.toNanos(), TimeUnit.NANOSECONDS);
    long _ = peer.server().runScheduledPendingTasks();
  }

  /** Asks once, and takes what comes in bits. */
  interface Peer {

    EmbeddedChannel server();

    void ask(UnreadAnswers unread);

    void take() throws Http2Exception;

    long received();
  }

  /** Pauses when its windows are full, and opens them when it takes what it has received. */
  private static final class WindowPeer implements Peer {

    private static final int FIRST_STREAM = 1;

    private final Http2ConnectionHandler serverHttp2 = http2(true, new Http2EventAdapter());
    private final Http2ConnectionHandler clientHttp2 = http2(false, new Body());
    private final Server server = new Server(serverHttp2);
    private final EmbeddedChannel client = new EmbeddedChannel(clientHttp2);
    private int stream = FIRST_STREAM;
    private int untaken;
    private long received;

    private final class Body extends Http2EventAdapter {
      @Override
      public int onDataRead(
          ChannelHandlerContext context, int stream, ByteBuf data, int padding, boolean last) {
        received += data.readableBytes();
        untaken += data.readableBytes();
        return 0; // None of it has been taken.
      }
    }

    private static Http2ConnectionHandler http2(boolean server, Http2FrameListener listener) {
      return new Http2ConnectionHandlerBuilder().server(server).frameListener(listener).build();
    }

    @Override
    public Server server() {
      return server;
    }

    @Override
    public void ask(UnreadAnswers unread) {
      begin(unread);
      ask(ANSWER);
    }

    void begin(UnreadAnswers unread) {
      server.freezeTime();
      AnswerBacklog.watch(server, unread, PATIENCE);
    }

    void ask(int bytes) {
      request();
      answer(bytes);
      exchange();
    }

    /** What is answered does not leave yet. */
    void askOnceMore() {
      stream += 2;
      request();
      answer(BIT);
    }

    /** By a head alone, which has not left when the request is taken back. */
    void takeBackWhatIsAnswered() {
      answerNext();
      reset();
      client.flush();
      boolean _ = move(client, server);
    }

    /** Opens a window by nothing before (RFC 9113 section 6.9). */
    void takeBackWhatIsAnsweredAfterAnError() {
      answerNext();
      boolean _ = server.writeInbound(Unpooled.wrappedBuffer(Http2Frames.moreWindow(stream, 0)));
      reset();
      client.flush();
      boolean _ = move(client, server);
    }

    private void answerNext() {
      stream += 2;
      request();
      Http2Headers head = new DefaultHttp2Headers().status("204");
      ChannelHandlerContext to = server.pipeline().context(serverHttp2);
      var _ = serverHttp2.encoder().writeHeaders(to, stream, head, 0, true, server.newPromise());
    }

    void takeBack() {
      reset();
      exchange();
    }

    private void reset() {
      ChannelHandlerContext from = client.pipeline().context(clientHttp2);
      long reason = Http2Error.CANCEL.code();
      var _ = clientHttp2.encoder().writeRstStream(from, stream, reason, client.newPromise());
    }

    private void request() {
      Http2Headers request =
          new DefaultHttp2Headers().method("GET").scheme("http").authority("localhost").path("/");
      ChannelHandlerContext from = client.pipeline().context(clientHttp2);
      var _ =
          clientHttp2.encoder().writeHeaders(from, stream, request, 0, true, client.newPromise());
      exchange();
    }

    private void answer(int bytes) {
      ByteBuf body = Unpooled.wrappedBuffer(new byte[bytes]);
      Http2Headers head = new DefaultHttp2Headers().status("200");
      ChannelHandlerContext to = server.pipeline().context(serverHttp2);
      var _ = serverHttp2.encoder().writeHeaders(to, stream, head, 0, false, server.newPromise());
      var _ = serverHttp2.encoder().writeData(to, stream, body, 0, true, server.newPromise());
    }

    @Override
    public void take() throws Http2Exception {
      var taken = clientHttp2.connection().stream(stream);
      boolean _ = clientHttp2.connection().local().flowController().consumeBytes(taken, untaken);
      untaken = 0;
      exchange();
    }

    @Override
    public long received() {
      return received;
    }

    private void exchange() {
      client.flush();
      server.flush();
      while (move(client, server) || move(server, client)) {
        // Until neither has anything to send.
      }
    }

    private static boolean move(EmbeddedChannel from, EmbeddedChannel to) {
      boolean moved = false;
      for (ByteBuf sent = from.readOutbound(); sent != null; sent = from.readOutbound()) {
        boolean _ = to.writeInbound(sent);
        moved = true;
      }
      return moved;
    }

    @Override
    public String toString() {
      return "HTTP/2";
    }
  }

  /** Has a socket whose own buffer is full until it takes something. */
  private static final class SocketPeer extends EmbeddedChannel implements Peer {

    private int room;
    private long received;

    @Override
    public EmbeddedChannel server() {
      return this;
    }

    @Override
    public void ask(UnreadAnswers unread) {
      begin(unread);
      answer(ANSWER);
    }

    void begin(UnreadAnswers unread) {
      freezeTime();
      AnswerBacklog.watch(this, unread, PATIENCE);
    }

    void answer(int bytes) {
      var _ = writeAndFlush(Unpooled.wrappedBuffer(new byte[bytes]));
    }

    @Override
    public void take() {
      room = BIT;
      unsafe().flush();
      room = 0;
    }

    @Override
    public long received() {
      return received;
    }

    @Override
    protected void doWrite(ChannelOutboundBuffer waiting) {
      while (room > 0 && waiting.current() instanceof ByteBuf next) {
        int some = Math.min(room, next.readableBytes());
        waiting.removeBytes(some);
        room -= some;
        received += some;
      }
    }

    @Override
    public String toString() {
      return "HTTP/1.1";
    }
  }
}
