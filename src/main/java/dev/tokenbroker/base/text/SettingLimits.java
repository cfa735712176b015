package dev.tokenbroker.base.text;

import java.util.ArrayList;
import java.util.List;
import java.util.regex.Pattern;

/**
 * Checks settings of a feature against its limits, and collects the unfit ones. The feature itself
 * calls {@link #require}; the checks at the start read {@link #unfit} before.
 */
public final class SettingLimits {

  private final String prefix;
  private final List<UnfitSetting> unfit = new ArrayList<>();

  /**
   * @param prefix the beginning of the settings' names, including the dot
   */
  public SettingLimits(String prefix) {
    this.prefix = prefix;
  }

  /** Demands a value within two bounds, which are included. */
  public <T extends Comparable<T>> SettingLimits within(String key, T value, T least, T most) {
    return demand(
        value.compareTo(least) >= 0 && value.compareTo(most) <= 0,
        key,
        "is " + value + ".",
        "Set it to " + least + " at least and " + most + " at most.");
  }

  /** Demands a value at a bound or above it. */
  public <T extends Comparable<T>> SettingLimits least(String key, T value, T least) {
    return demand(
        value.compareTo(least) >= 0, key, "is " + value + ".", "Set it to " + least + " at least.");
  }

  /**
   * Demands a condition that is not a bound.
   *
   * @param problem what is wrong if it is not met, as in {@link UnfitSetting}
   */
  public SettingLimits demand(boolean met, String key, String problem, String remedy) {
    if (!met) {
      unfit.add(new UnfitSetting(prefix + key, problem, remedy));
    }
    return this;
  }

  /** The unfit settings so far, in the order of the demands; empty if there are none. */
  public List<UnfitSetting> unfit() {
    return List.copyOf(unfit);
  }

  /**
   * Throws if a setting is unfit.
   *
   * @throws IllegalArgumentException naming the first unfit setting
   */
  public void require() {
    if (!unfit.isEmpty()) {
      UnfitSetting first = unfit.getFirst();
      throw new IllegalArgumentException(
          first.setting() + " " + first.problem() + " " + first.remedy());
    }
  }

  /**
   * A setting with which the broker does not start.
   *
   * @param setting its full name
   * @param problem what is wrong, as the rest of a sentence that begins with the name
   * @param remedy what to do, as a sentence
   */
  public record UnfitSetting(String setting, String problem, String remedy) {

    /** What stands before the host of a URL: it may be a password, also one with odd characters. */
    private static final Pattern USER = Pattern.compile("(?<=://)\\S*@");

    public UnfitSetting {
      problem = USER.matcher(problem).replaceAll("***@");
    }
  }
}
