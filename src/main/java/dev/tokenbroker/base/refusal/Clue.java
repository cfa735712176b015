package dev.tokenbroker.base.refusal;

import java.time.Duration;
import java.util.Collections;
import java.util.Set;
import java.util.TreeSet;

/**
 * A fact about a refusal beyond its reason, or about a change beyond its kind. A change explains a
 * refusal only if both facts fit. Immutable.
 */
public sealed interface Clue {

  /** No such fact. */
  static Clue none() {
    return Names.NONE;
  }

  /** Whether a change with this clue explains a refusal with that one. */
  default boolean explains(Clue refused) {
    return false;
  }

  /** Whether a key of the issuer is known to have signed the refused credential. */
  default boolean signed() {
    return false;
  }

  /** The clue that is about these names. */
  static Clue of(String... names) {
    return new Names(Set.of(names), false);
  }

  /** The clue of a refused credential that a key of the issuer signed. */
  static Clue signed(String name) {
    return new Names(Set.of(name), true);
  }

  /** The name of an issuer by its {@code iss}; that of a key is its thumbprint (RFC 7638). */
  static String issuer(String iss) {
    return "iss " + iss;
  }

  /** The name of the claims that rules for a target read. */
  static String claims(String target) {
    return "claims for " + target;
  }

  /** The name of a value of an entry of the federation document. */
  static String entry(String kind, String name, String value) {
    return kind + ' ' + name + ": " + value;
  }

  /** The name of a registered client, where an issuer may stand. */
  static String client(String name) {
    return "client " + name;
  }

  /** The name of the rules for one issuer, or one client, and target. */
  static String route(String from, String target) {
    return from + " to " + target;
  }

  /**
   * Names of what has changed, or of what the refused exchange has to do with. Each is cleaned and
   * cut off like all evidence.
   *
   * @param signed as {@link Clue#signed()}; false for a change
   */
  record Names(Set<String> names, boolean signed) implements Clue {

    private static final Names NONE = new Names(Set.of(), false);

    public Names {
      Set<String> sorted = new TreeSet<>();
      names.forEach(name -> sorted.add(Evidence.clean(name)));
      names = Collections.unmodifiableSet(sorted);
    }

    @Override
    public boolean explains(Clue refused) {
      return refused instanceof Names(Set<String> others, boolean _)
          && !Collections.disjoint(names, others);
    }
  }

  /**
   * The time by which a refused credential is too early or too late.
   *
   * @param early whether it is not valid yet
   * @param amount in whole seconds, rounded down to a 16th, and at most a day. So there are about
   *     200 amounts, although a caller chooses the age of a credential
   * @param leeway the difference that the issuer is allowed
   */
  record Skew(boolean early, Duration amount, Duration leeway) implements Clue {

    private static final long MAX_SECONDS = Duration.ofDays(1).toSeconds();
    private static final int PARTS = 16;

    public Skew {
      long seconds = Math.min(amount.toSeconds(), MAX_SECONDS);
      long unit = Math.max(1, Long.highestOneBit(seconds) / PARTS);
      amount = Duration.ofSeconds(seconds / unit * unit);
    }
  }

  /**
   * The offset of an issuer's clock before and after a step; positive if it is ahead.
   *
   * <p>The step explains a credential that is too early or too late by no more than the clock is
   * off now, and that was within the leeway before the step.
   */
  record Offsets(Duration was, Duration is) implements Clue {

    /** The {@code Date} of a response has whole seconds, and it travels for a while. */
    private static final Duration DOUBT = Duration.ofSeconds(2);

    @Override
    public boolean explains(Clue refused) {
      if (!(refused instanceof Skew(boolean early, Duration amount, Duration leeway))) {
        return false;
      }
      Duration off = early ? is : is.negated();
      Duration step = early ? is.minus(was) : was.minus(is);
      return step.isPositive()
          && amount.compareTo(off.plus(DOUBT)) <= 0
          && amount.minus(leeway).compareTo(step.plus(DOUBT)) <= 0;
    }
  }
}
