//! Line and bar plots as inline SVG: no script, no outside resource. The numbers stand in a table beside each plot, for
//! those who cannot see it and for those who want to copy them.

use super::page::Page;

/// Size of a plot in its own units.
const WIDTH: f64 = 640.0;
const HEIGHT: f64 = 260.0;
/// Room for the axes' texts.
const LEFT: f64 = 64.0;
const RIGHT: f64 = 16.0;
const TOP: f64 = 12.0;
const BOTTOM: f64 = 44.0;
/// Steps wanted on an axis.
const STEPS: f64 = 5.0;

/// How a row of points is drawn.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Mark {
    /// A line through the points.
    Line,
    /// A bar a point, up from zero, as wide as the distance of the points.
    Bars,
    /// A dot a point.
    Dots,
}

/// One row of points.
#[derive(Clone, Debug)]
pub(super) struct Series {
    /// Its name in the legend.
    pub(super) name: &'static str,
    /// How it is drawn.
    pub(super) mark: Mark,
    /// Points by ascending x.
    pub(super) points: Vec<(f64, f64)>,
}

/// A plot.
#[derive(Clone, Debug)]
pub(super) struct Plot {
    /// What it shows, in one sentence.
    pub(super) title: &'static str,
    /// What x and y are, with units.
    pub(super) axes: [&'static str; 2],
    /// At most three rows: there is a colour and a dash for each.
    pub(super) series: Vec<Series>,
    /// Least value at the end of the y axis; `None` for that of the points.
    pub(super) y_end: Option<f64>,
    /// Named stretches of the x axis, instead of its numbers; none for numbers.
    pub(super) bands: Vec<Band>,
}

/// A named stretch of the x axis; it begins where the one before ends.
#[derive(Clone, Debug)]
pub(super) struct Band {
    /// Its name, left out where there is no room for it.
    pub(super) name: String,
    /// Where it ends.
    pub(super) end: f64,
}

/// Room that a letter of a band's name takes.
const LETTER: f64 = 7.0;

/// Maps values to the plot's units.
struct Scale {
    x: (f64, f64),
    /// Least distance of the x axis' ticks; 0 when any will do.
    x_step: f64,
    y_end: f64,
}

impl Scale {
    fn x(&self, x: f64) -> f64 {
        LEFT + (x - self.x.0) / (self.x.1 - self.x.0) * (WIDTH - LEFT - RIGHT)
    }

    fn y(&self, y: f64) -> f64 {
        HEIGHT - BOTTOM - y.clamp(0.0, self.y_end) / self.y_end * (HEIGHT - TOP - BOTTOM)
    }
}

/// Draws the plot; nothing when no row has points.
pub(super) fn draw(page: &mut Page, plot: &Plot) {
    let points = || plot.series.iter().flat_map(|series| series.points.iter());
    let (Some(first), Some(last)) = (
        points().map(|point| point.0).reduce(f64::min),
        points().map(|point| point.0).reduce(f64::max),
    ) else {
        return;
    };
    let highest = points().map(|point| point.1).fold(0.0, f64::max);
    // Bars stand on whole places and need half a place more at both ends.
    let standing = plot.series.iter().filter(|series| series.mark == Mark::Bars);
    let x_step = standing.map(|series| distance(&series.points)).fold(0.0, f64::max);
    let (first, last) = (first - x_step / 2.0, last + x_step / 2.0);
    let scale = Scale {
        x: (first, if last > first { last } else { first + 1.0 }),
        x_step,
        y_end: plot.y_end.unwrap_or(0.0).max(highest).max(f64::MIN_POSITIVE),
    };
    page.markup("<figure tabindex=\"0\">\n<svg role=\"img\" viewBox=\"0 0 640 260\" aria-label=\"");
    page.text(plot.title).markup("\">\n");
    axes(page, plot, &scale);
    for (number, series) in plot.series.iter().enumerate() {
        match series.mark {
            Mark::Line => line(page, &series.points, (number, &scale)),
            Mark::Bars => bars(page, &series.points, &scale),
            Mark::Dots => dots(page, &series.points, (number, &scale)),
        }
    }
    page.markup("</svg>\n<figcaption>").text(plot.title);
    if plot.series.len() > 1 {
        for (number, series) in plot.series.iter().enumerate() {
            page.markup(" <span class=\"key ").markup(class(number)).markup("\">");
            page.text(series.name).markup("</span>");
        }
    }
    page.markup("</figcaption>\n</figure>\n");
}

const fn class(number: usize) -> &'static str {
    match number {
        0 => "row0",
        1 => "row1",
        _ => "row2",
    }
}

fn axes(page: &mut Page, plot: &Plot, scale: &Scale) {
    let (left, right) = (LEFT, WIDTH - RIGHT);
    for y in ticks(0.0, scale.y_end, 0.0) {
        let at = scale.y(y);
        page.markup("<path class=\"grid\" d=\"").text(&format!("M{left:.1} {at:.1}H{right:.1}"));
        page.markup("\"/><text class=\"end\" x=\"").text(&format!("{:.1}", left - 6.0));
        page.markup("\" y=\"").text(&format!("{:.1}", at + 4.0)).markup("\">");
        page.text(&label(y)).markup("</text>\n");
    }
    let base = HEIGHT - BOTTOM;
    bands(page, &plot.bands, scale);
    let numbers = plot.bands.is_empty().then(|| ticks(scale.x.0, scale.x.1, scale.x_step));
    for x in numbers.unwrap_or_default() {
        let at = scale.x(x);
        page.markup("<path class=\"tick\" d=\"").text(&format!("M{at:.1} {base:.1}v5"));
        page.markup("\"/><text class=\"middle\" x=\"").text(&format!("{at:.1}"));
        page.markup("\" y=\"").text(&format!("{:.1}", base + 18.0)).markup("\">");
        page.text(&label(x)).markup("</text>\n");
    }
    page.markup("<path class=\"axis\" d=\"");
    page.text(&format!("M{left:.1} {TOP:.1}V{base:.1}H{right:.1}")).markup("\"/>\n");
    page.markup("<text class=\"middle\" x=\"").text(&format!("{:.1}", f64::midpoint(left, right)));
    page.markup("\" y=\"254\">").text(plot.axes[0]).markup("</text>\n");
    page.markup("<text class=\"middle\" transform=\"rotate(-90)\" x=\"");
    page.text(&format!("{:.1}", -f64::midpoint(TOP, base))).markup("\" y=\"14\">");
    page.text(plot.axes[1]).markup("</text>\n");
}

/// Names of the stretches below the axis, and a line where one ends.
fn bands(page: &mut Page, bands: &[Band], scale: &Scale) {
    let base = HEIGHT - BOTTOM;
    let mut from = scale.x(scale.x.0);
    for band in bands {
        let to = scale.x(band.end.clamp(scale.x.0, scale.x.1));
        page.markup("<path class=\"grid\" d=\"").text(&format!("M{to:.1} {TOP:.1}V{base:.1}"));
        page.markup("\"/>");
        if band.name.chars().count() as f64 * LETTER <= to - from {
            page.markup("<text class=\"middle\" x=\"");
            page.text(&format!("{:.1}", f64::midpoint(from, to))).markup("\" y=\"");
            page.text(&format!("{:.1}", base + 18.0)).markup("\">").text(&band.name);
            page.markup("</text>");
        }
        page.markup("\n");
        from = to;
    }
}

fn line(page: &mut Page, points: &[(f64, f64)], (number, scale): (usize, &Scale)) {
    page.markup("<path class=\"line ").markup(class(number)).markup("\" d=\"");
    for (i, &(x, y)) in points.iter().enumerate() {
        let letter = if i == 0 { 'M' } else { 'L' };
        page.text(&format!("{letter}{:.1} {:.1}", scale.x(x), scale.y(y)));
    }
    page.markup("\"/>\n");
}

fn dots(page: &mut Page, points: &[(f64, f64)], (number, scale): (usize, &Scale)) {
    page.markup("<path class=\"dots ").markup(class(number)).markup("\" d=\"");
    for &(x, y) in points {
        page.text(&format!("M{:.1} {:.1}h0", scale.x(x), scale.y(y)));
    }
    page.markup("\"/>\n");
}

/// The least distance of two points; 1 for a single one.
fn distance(points: &[(f64, f64)]) -> f64 {
    let gaps = points.windows(2).map(|pair| pair[1].0 - pair[0].0);
    gaps.reduce(f64::min).unwrap_or(1.0)
}

fn bars(page: &mut Page, points: &[(f64, f64)], scale: &Scale) {
    let width = (scale.x(scale.x.0 + distance(points)) - LEFT).max(0.5);
    let base = HEIGHT - BOTTOM;
    page.markup("<path class=\"bars\" d=\"");
    for &(x, y) in points.iter().filter(|point| point.1 > 0.0) {
        let (from, top) = ((scale.x(x) - width / 2.0).max(LEFT), scale.y(y));
        let to = (scale.x(x) + width / 2.0).min(WIDTH - RIGHT);
        page.text(&format!("M{from:.1} {base:.1}V{top:.1}H{to:.1}V{base:.1}z"));
    }
    page.markup("\"/>\n");
}

/// Round values between the ends: 1, 2 or 5 times a power of ten apart.
fn ticks(first: f64, last: f64, min_step: f64) -> Vec<f64> {
    let rough = ((last - first) / STEPS).max(min_step);
    let power = 10_f64.powf(rough.log10().floor());
    let step = [1.0, 2.0, 5.0, 10.0].map(|n| n * power).into_iter().find(|&step| step >= rough);
    let Some(step) = step.filter(|step| step.is_finite() && *step > 0.0) else {
        return vec![first];
    };
    let (from, to) = ((first / step).ceil() as i64, (last / step + 1e-9).floor() as i64);
    (from..=to).map(|i| i as f64 * step).collect()
}

fn label(value: f64) -> String {
    let rounded = (value * 1e6).round() / 1e6;
    if rounded.abs() >= 1e6 { format!("{}M", rounded / 1e6) } else { format!("{rounded}") }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn ticks_are_round_and_inside() {
        assert_eq!(ticks(0.0, 100.0, 0.0), [0.0, 20.0, 40.0, 60.0, 80.0, 100.0]);
        assert_eq!(ticks(0.0, 1.0, 0.0).len(), 6);
        assert_eq!(ticks(3.0, 3.0, 0.0), [3.0]);
        assert_eq!(ticks(7.0, 27.0, 0.0), [10.0, 15.0, 20.0, 25.0]);
        assert_eq!(ticks(-0.5, 2.5, 1.0), [0.0, 1.0, 2.0]);
    }

    #[test]
    fn points_lie_inside_the_axes_and_an_empty_plot_is_none() {
        let series = |mark, points| Series { name: "s", mark, points };
        let mut plot =
            Plot { title: "t", axes: ["x", "y"], series: vec![], y_end: None, bands: vec![] };
        let mut page = Page::default();
        draw(&mut page, &plot);
        plot.series = vec![series(Mark::Line, vec![(0.0, 0.0), (10.0, 4.0)])];
        draw(&mut page, &plot);
        let text = page.finish();
        assert!(text.contains("d=\"M64.0 216.0L624.0 12.0\""), "{text}");
        assert_eq!(text.matches("<figure tabindex=\"0\">").count(), 1);
    }

    #[test]
    fn bands_replace_numbers_and_are_named_where_there_is_room() {
        let band = |name: &str, end| Band { name: name.into(), end };
        let plot = Plot {
            title: "t",
            axes: ["x", "y"],
            series: vec![Series {
                name: "s",
                mark: Mark::Line,
                points: vec![(0.0, 1.0), (100.0, 1.0)],
            }],
            y_end: None,
            bands: vec![band("wide", 99.0), band("narrow", 100.0)],
        };
        let mut page = Page::default();
        draw(&mut page, &plot);
        let text = page.finish();
        assert!(text.contains(">wide</text>") && !text.contains("narrow"), "{text}");
        assert!(text.contains("M618.4 12.0V216.0") && !text.contains("class=\"tick\""), "{text}");
    }
}
