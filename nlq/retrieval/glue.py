"""Words of analysis and of politeness, which no catalog needs to explain."""

from __future__ import annotations

from nlq.retrieval.words import STOP_WORDS, stem

_GLUE = """
about above across actual actually after again against ago all almost along alright also although
always amount analyse analysis analyze annual annually answer anyone anything approximately around
ask average avg away back base based became become before begin beginning behind below best better
between big bigger biggest both bottom break breakdown broken calculate calendar change changed
chart check come common company compare compared comparing comparison compute concerning contribute
contribution count current currently cumulative daily data date day days decline decrease
decreased delta detail detailed difference different display distinct distribution down drop
dropped during each earlier early either else end ending ends enough entire equal ever every
everything exact exactly exceed except exclude excluding far fast faster fell fewer figure figures
final find first five follow following four full further gap general generate generated given go
going good graph great greater grew group grouped grow growing growth half happen happened hello
help here hey hi high higher highest hour hourly however hundred include included including
increase increased individual information inside instead itself keep kind know large larger
largest last lately latest leading least left less level line list little long look lot low lower
lowest made make maximum max mean median member mention min minimum minute month monthly months
moving name named names nearly need never new next none nothing now number numbers occur only
order ordered other others overall part past people percent percentage perform performance
performed performing period plot point possible present previous prior provide put quarter
quarterly quarters quick quickly range rank ranked ranking rate rather ratio really recent
recently record report respective respectively result results right rise rolling rose rough
roughly row rows running second see select separate share since single slow small smaller
smallest sort sorted specific split start started starting stand still sum summarise summarize
summary table take tell ten thank thanks thing things think third thousand three through time
times to-date today together toward total totals tracking trend trending trends twice two type
under until up usual value values versus via view vs way week weekly weeks well went whole within
without won work worse worst year yearly years yes yesterday yet yoy qoq mom ytd mtd qtd million
billion fiscal january february march april may june july august september october november
december jan feb mar apr jun jul aug sep sept oct nov dec monday tuesday wednesday thursday friday
saturday sunday tomorrow date dates anything else okay ok kindly sure maybe exceeded above
happening neither nor did didn't don't isn't aren't among involve involved negative once particular
passed positive rounded taken
"""
GLUE = frozenset(_GLUE.split()) | STOP_WORDS

_TELLING_HOW = """
inclusive inclusively exclusive excluding ascending descending asc desc top associated true false
corresponding combination combinations combined database dataset ignore ignoring considered
considering regardless iso throughout metric metrics closest nearest existing exists exist
available known unknown unique uniquely duplicate duplicates alphabetical alphabetically
chronological chronologically weekend weekends weekday weekdays earliest newest oldest longest
shortest tallest deepest whose names contain contains containing letter letters word words prefix
suffix decimal decimals format say says said saying treat treated treating assume assumed assuming
express expressed interpret interpreted spell spelled spelt literal literally insensitive
insensitively haven't hasn't wasn't weren't aren't can't
"""
_DOING = """
assign attend belong bring bought buy cross deal flow found handle hire hold join joined lead led
leave live lived locate located manage meet move own owned pay paid place placed play publish
published purchase purchased receive received register registered relate reside run ran sell sent
send serve served sign signed signup signups sold spend spent stay study took traverse use used
visit wrote write written born cite cited connect connected cover covered create created open
opened close closed present presented represent represented turn turned become became
"""
_SAYING_LITTLE = """
add added adds ahead begun call called came common commonly count decade decades else fraction
frequent frequently got gotten happen highest leave lie lies made make most much offer offered
offers often proportion rarely release released see seen seldom someone somebody something
successful successfully taught teach teaches thing took used usually very went
"""
_PEOPLE = "client clients customer customers people person persons user users"

UNTELLING = GLUE | frozenset(f"{_TELLING_HOW} {_DOING} {_SAYING_LITTLE} {_PEOPLE}".split())
"""Words that say nothing of which data a question is about: beside glue, how the answer is to look,
what is done with things of any kind, and who does it."""

UNTELLING_STEMS = frozenset(stem(word) for word in UNTELLING)

_COUNTING = """
zero six seven eight nine eleven twelve thirteen fourteen fifteen sixteen seventeen eighteen
nineteen twenty thirty forty fifty sixty seventy eighty ninety dozen dozens couple several single
double triple sixth seventh eighth ninth tenth tally prolific vary varies varied id ids
identifier identifiers code codes
"""
_SIZE_AND_PRICE = """
big small tall short long wide narrow thick thin heavy heavier heaviest lighter lightest longer
shorter taller deeper wider widest narrowest cheap cheaper cheapest expensive costly
costlier costliest pricey priciest money monetary worth apiece
sufficient bulk majority minority rest remainder portion piece pieces chunk bunch plenty loads tons
handful few various numerous countless thrice older younger youngest newer identical similar alike
busy busiest
"""
_ANYONE_ANYTHING = """
another anybody everybody everyone nobody whatever whichever whoever whomever wherever whenever
ones non apart besides later sooner anymore itself themselves ourselves myself done gone
carry carries carried skip skipped omit omitted
"""
_HOW_AND_WHEN = """
altogether am pm noon midnight directly jointly fully solely precisely simply officially initially
originally regularly additionally mainly merely hardly slightly strictly truly typically especially
immediately eventually consecutively consecutive simultaneously collectively partially completely
aside onwards onward afterwards beforehand meanwhile whereas whilst though despite unless till upon
amongst beyond plus minus divided multiplied subtract subtracted derived truncated
already somewhere anywhere everywhere nowhere somehow anyhow therefore otherwise likewise similarly
wholly quite pretty fairly barely scarcely constantly continually occasionally sometimes forever
permanently temporarily briefly shortly soon instantly promptly slowly suddenly gradually steadily
heavily lightly newly freshly formerly former latter subsequently ultimately ultimate normally
apparently presumably supposedly allegedly obviously evidently definitely certainly probably
unlikely hopefully unfortunately happily sadly mid alone
remain remains remained remaining fitting satisfying met fulfil fulfilling qualify qualifying
qualifies matching surpass surpasses outnumber outnumbers reach reaches reached appear appears
appeared appearing carrying bearing denote denoted titled labelled labeled
curious wonder wondering interested interesting understand overview snapshot glance stuff mine
"""
_ORDINARY = """
empty blank null upper uppercase lowercase elsewhere noone earn earns earned earning decide decides
decided gain gains gained lose loses lost wish matter matters intend intended require requires
required suppose supposed allow allowed hit hits touch touched sit sits stopped fall falls fallen
goes try tries tried dealt purely certain typical normal ordinary regular unusual odd even main
major minor key important significant notable relevant proper correct wrong valid light quiet
quietest dear rich richest poor poorest strong strongest weak weakest deep young old side sides
side-by-side manner basis regard regards fact facts idea sense bit pair pairs set sets stat stats
statistic statistics tallies portions halves chiefly amid beneath beside onto underneath unlike
describe describes described explain entitled finish finishes finished complete completes believe
guess seem seems middle front real pull pulled push pick picks picked choose chose chosen grab fetch
brought overlap overlaps overlapping spread spreads divide divides dividing backwards forwards
upward downward upwards downwards folks guys colleague colleagues build built basically essentially
year-end month-end sole whether dearest nearest toughest easiest hardest simplest strictest safest
quickest steepest broadest fullest emptiest closer nearer further furthest farther farthest case
cases
"""
_WENT_BY = "began gave kept held saw shown stood told thought knew felt meant"
"""Past forms that no stemmer leads back."""
_JOINED = """
i'd i'll i'm i've we'd we'll we're we've you'd you'll you're you've he'd he'll she'd she'll they'd
they'll they're they've it'd it'll that'd that'll there'd there'll who'd who'll who've doesn't
couldn't shouldn't wouldn't won't hadn't mustn't needn't
"""
_SAYING_NOTHING = frozenset(
    f"{_COUNTING} {_SIZE_AND_PRICE} {_ANYONE_ANYTHING} {_HOW_AND_WHEN} {_ORDINARY} {_WENT_BY} "
    f"{_JOINED}".split()
)


def is_telling(word: str) -> bool:
    """Whether a word (in lower case) says which data a question is about.

    Numbers, sizes and prices do not, nor do words for anyone and anything: that no doc has them is
    no sign that the data lacks what is asked. Search may still find them.

    >>> [word for word in ("seven", "cheapest", "i\u2019d", "7", "gates") if is_telling(word)]
    ['gates']
    """
    word = word.replace("\u2019", "'")
    return (
        len(word) > 1
        and not word[0].isdigit()
        and word not in UNTELLING
        and word not in _SAYING_NOTHING
        and stem(word) not in UNTELLING_STEMS
    )
