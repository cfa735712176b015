package dev.tokenbroker.edges.telemetry;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIOException;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

class AuditStreamTest {

  private static final long SEED = 20261124L;

  private final Writes writes = new Writes();
  private final AuditStream stream = new AuditStream(writes);

  @Test
  void writes_what_fits_at_once() throws IOException {
    stream.write(all(line(100, 'a'), line(200, 'b'), line(3796, 'c')));
    assertThat(writes.made).extracting(String::length).containsExactly(4096);
  }

  @Test
  void tears_no_line_that_a_pipe_would_take_whole() throws IOException {
    stream.write(all(line(4000, 'a'), line(97, 'b'), line(5000, 'c'), line(10, 'd')));
    assertThat(writes.made)
        .containsExactly(text(4000, 'a'), text(97, 'b'), text(5000, 'c'), text(10, 'd'));
  }

  @Test
  void writes_every_line_once_and_in_order_whatever_their_lengths() throws IOException {
    Random random = new Random(SEED);
    StringBuilder all = new StringBuilder();
    for (int round = 0; round < 500; round++) {
      List<byte[]> lines =
          IntStream.range(0, 1 + random.nextInt(20))
              .mapToObj(_ -> line(1 + random.nextInt(4500), (char) ('a' + random.nextInt(26))))
              .toList();
      lines.forEach(line -> all.append(new String(line, StandardCharsets.US_ASCII)));
      stream.write(all(lines.toArray(byte[][]::new)));
    }
    assertThat(String.join("", writes.made)).isEqualTo(all.toString());
    assertThat(writes.made)
        .allMatch(
            write ->
                write.endsWith("\n")
                    && (write.length() <= AuditStream.MOST_BYTES
                        || write.indexOf('\n') == write.length() - 1));
  }

  @Test
  void begins_a_new_line_after_one_that_may_be_torn() throws IOException {
    writes.broken = true;
    assertThatIOException().isThrownBy(() -> stream.write(all(line(10, 'a'))));
    writes.broken = false;
    stream.write(all(line(10, 'b')));
    stream.write(all(line(10, 'c')));
    assertThat(String.join("", writes.made)).isEqualTo("\n" + text(10, 'b') + text(10, 'c'));
  }

  private static byte[] all(byte[]... lines) {
    ByteArrayOutputStream all = new ByteArrayOutputStream();
    for (byte[] line : lines) {
      all.writeBytes(line);
    }
    return all.toByteArray();
  }

  private static byte[] line(int bytes, char of) {
    return text(bytes, of).getBytes(StandardCharsets.US_ASCII);
  }

  private static String text(int length, char of) {
    return String.valueOf(of).repeat(length - 1) + "\n";
  }

  /** Notes each write. */
  private static final class Writes extends OutputStream {

    private final List<String> made = new ArrayList<>();
    private boolean broken;

    @Override
    public void write(int one) throws IOException {
      write(new byte[] {(byte) one}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int from, int length) throws IOException {
      if (broken) {
        throw new IOException("broken");
      }
      if (length > 0) {
        made.add(new String(bytes, from, length, StandardCharsets.US_ASCII));
      }
    }
  }
}
